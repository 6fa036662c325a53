import { afterEach, beforeEach, expect, test } from "vitest";
import { effectOf } from "../../../test/outbox.ts";
import { type PagerDutyDouble, startPagerDuty } from "../../../test/real/pagerduty.ts";
import { bodyOf, eventOf, maxBodyBytes } from "./event.ts";
import { pagerduty } from "./index.ts";
import { pagerDutyNotifier } from "./notifier.ts";

const key = "0123456789abcdef0123456789abcdef";
const never = new AbortController().signal;
let receiver: PagerDutyDouble;
beforeEach(async () => void (receiver = await startPagerDuty({ routingKeys: [key] })));
afterEach(() => receiver.stop());

const notifier = (publicUrl: string | null = "https://mailtide.example/") =>
  pagerDutyNotifier({ id: "pd", channels: ["page"], publicUrl, url: receiver.url, routingKey: { reveal: () => key } });

test("a trigger carries what the on-call needs, under the incident's key", async () => {
  expect(await notifier().send(effectOf(), "i-1", never)).toEqual({ outcome: "sent" });
  expect(receiver.received[0]?.event).toEqual({
    routing_key: key,
    event_action: "trigger",
    dedup_key: "i-1",
    client: "Mailtide",
    client_url: "https://mailtide.example/incident/i-1",
    links: [{ href: "https://mailtide.example/incident/i-1", text: "Incident in Mailtide" }],
    payload: {
      summary: "Schema lock on mail-db (since 12:24).",
      source: "main",
      severity: "critical",
      timestamp: "2016-05-11T10:24:00.000Z",
      component: "mail-db",
      group: "main",
      class: "schema-lock",
      custom_details: { headlineSeconds: 31, subject: "mail-db", node: null },
    },
  });
});

test("acknowledge and resolve say the key and nothing else; a ticket is a warning", async () => {
  await notifier().send(effectOf({ severity: "ticket", channel: "ticket" }), "i-1/ticket", never);
  await notifier().send(effectOf({ action: "acknowledge" }), "i-1/ticket", never);
  await notifier().send(effectOf({ action: "resolve" }), "i-1/ticket", never);
  expect(receiver.received[0]?.event?.payload?.["severity"]).toBe("warning");
  expect(receiver.received[2]?.event).toEqual({ routing_key: key, event_action: "resolve", dedup_key: "i-1/ticket" });
  expect(receiver.alert("i-1/ticket")).toEqual({ state: "resolved", opened: 1 });
});

test("a summary of any length, emojis across the cut, and giant details are taken by the real limits", async () => {
  for (const length of [1023, 1024, 1025, 9000]) {
    const details = { big: "é".repeat(400_000), small: 1, medium: "x".repeat(1000) };
    const effect = effectOf({ summary: `a${"😀".repeat(length)}`, details });
    expect(await notifier().send(effect, "i-1", never)).toEqual({ outcome: "sent" });
    const payload = receiver.received.at(-1)?.event?.payload;
    expect(payload?.["summary"]).not.toMatch(/\p{Cs}/u);
    expect(payload?.["custom_details"]).toEqual({ small: 1, medium: "x".repeat(1000), trimmed: true });
  }
  expect(bodyOf(eventOf(effectOf(), "i-1", key, null)).length).toBeLessThan(maxBodyBytes);
});

test("empty texts do not make an event that is refused", async () => {
  const effect = effectOf({ summary: "", source: "", details: {} });
  expect(await notifier(null).send(effect, "i-1", never)).toEqual({ outcome: "sent" });
});

test("a rate limit waits for minutes, or as long as it is told", async () => {
  receiver.script(
    { answer: 429 },
    { answer: 429, headers: { "retry-after": "600" } },
    { answer: 503, headers: { "retry-after": "7" } },
  );
  expect(await notifier().send(effectOf(), "i-1", never)).toMatchObject({ outcome: "retry", afterSeconds: 120 });
  expect(await notifier().send(effectOf(), "i-1", never)).toMatchObject({ outcome: "retry", afterSeconds: 600 });
  expect(await notifier().send(effectOf(), "i-1", never)).toMatchObject({ outcome: "retry", afterSeconds: 7 });
});

test("a wrong routing key is refused with the receiver's words", async () => {
  const wrong = pagerDutyNotifier({
    id: "pd",
    channels: ["page"],
    publicUrl: null,
    url: receiver.url,
    routingKey: { reveal: () => "short" },
  });
  expect(await wrong.send(effectOf(), "i-1", never)).toMatchObject({
    outcome: "refused",
    error: expect.stringContaining("'routing_key' must be 32 characters"),
  });
});

test("a key that is too long is never shortened into another alert", async () => {
  expect(await notifier().send(effectOf(), "k".repeat(256), never)).toMatchObject({ outcome: "refused" });
  expect(receiver.received).toHaveLength(0);
});

test("the configuration wants a secret, and https away from this host", () => {
  process.env["MAILTIDE_TEST_KEY"] = key;
  const routingKey = { env: "MAILTIDE_TEST_KEY" };
  expect(pagerduty.config.safeParse({ routingKey }).data).toMatchObject({
    url: "https://events.pagerduty.com/v2/enqueue",
  });
  expect(pagerduty.config.safeParse({ routingKey, url: "http://127.0.0.1:1/v2/enqueue" }).success).toBe(true);
  expect(pagerduty.config.safeParse({ routingKey, url: "http://relay.example/v2/enqueue" }).success).toBe(false);
  expect(pagerduty.config.safeParse({ routingKey: key }).success).toBe(false);
  process.env["MAILTIDE_TEST_KEY"] = `${key}\n-`;
  expect(pagerduty.config.safeParse({ routingKey }).error?.issues).toMatchObject([
    { path: ["routingKey"], message: expect.stringContaining("32 letters and digits") },
  ]);
  expect(pagerduty.config.safeParse({ routingKey, url: "https://relay.example/v2/enqueue" }).success).toBe(true);
  delete process.env["MAILTIDE_TEST_KEY"];
});
