import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type PagerDutyDouble, startPagerDuty } from "./pagerduty.ts";

const key = "0123456789abcdef0123456789ABCDEF";
const payload = { summary: "Mail is late", source: "main", severity: "critical" };
const trigger = { routing_key: key, event_action: "trigger", dedup_key: "k", payload };

let double: PagerDutyDouble;
beforeEach(async () => void (double = await startPagerDuty({ routingKeys: [key] })));
afterEach(() => double.stop());

async function post(body: unknown, init: RequestInit = {}, url = double.url): Promise<number> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = { "content-type": "application/json" };
  return (await fetch(url, { method: "POST", headers, body: text, ...init })).status;
}

test("takes what the documentation shows", async () => {
  expect(await post(trigger)).toBe(202);
  const full = {
    ...trigger,
    client: "Mailtide",
    client_url: "https://mailtide.example",
    links: [{ href: "https://mailtide.example/1", text: "open" }],
    images: [{ src: "https://mailtide.example/1.png" }],
    payload: {
      ...payload,
      timestamp: "2016-05-11T12:24:00.000+02:00",
      component: "mail-db",
      group: "main",
      class: "schema-lock",
      custom_details: { any: ["thing"] },
    },
  };
  expect(await post(full)).toBe(202);
  expect(await post({ ...trigger, dedup_key: undefined })).toBe(202);
  expect(await post({ routing_key: key, event_action: "resolve", dedup_key: "k" })).toBe(202);
});

test.each([
  ["no JSON", "{"],
  ["a list", []],
  ["no routing key", { ...trigger, routing_key: undefined }],
  ["a short routing key", { ...trigger, routing_key: "abc" }],
  ["an unknown routing key", { ...trigger, routing_key: "f".repeat(32) }],
  ["an unknown action", { ...trigger, event_action: "update" }],
  ["a key that is too long", { ...trigger, dedup_key: "k".repeat(256) }],
  ["a key that is no text", { ...trigger, dedup_key: 7 }],
  ["no payload", { ...trigger, payload: undefined }],
  ["no summary", { ...trigger, payload: { ...payload, summary: "" } }],
  ["a summary over 1,024", { ...trigger, payload: { ...payload, summary: "x".repeat(1025) } }],
  ["no source", { ...trigger, payload: { ...payload, source: undefined } }],
  ["no severity", { ...trigger, payload: { ...payload, severity: undefined } }],
  ["a severity of our own", { ...trigger, payload: { ...payload, severity: "page" } }],
  ["a timestamp without zone", { ...trigger, payload: { ...payload, timestamp: "2016-05-11T12:24:00" } }],
  ["a timestamp in milliseconds", { ...trigger, payload: { ...payload, timestamp: 1_462_962_240_000 } }],
  ["details that are text", { ...trigger, payload: { ...payload, custom_details: "all" } }],
  ["a link without address", { ...trigger, links: [{ text: "open" }] }],
  ["links that are no list", { ...trigger, links: { href: "https://a.example" } }],
  ["an image over http", { ...trigger, images: [{ src: "http://a.example/1.png" }] }],
  ["an acknowledge without key", { routing_key: key, event_action: "acknowledge" }],
  ["a resolve without key", { routing_key: key, event_action: "resolve" }],
])("refuses %s with 400 and says why", async (_, body) => {
  expect(await post(body)).toBe(400);
  expect(double.received[0]?.errors).toHaveLength(1);
  expect(double.accepted()).toEqual([]);
});

test("refuses another path, method, content type, and more than 512 kB", async () => {
  expect(await post(trigger, {}, double.url.replace("enqueue", "queue"))).toBe(404);
  expect(await post(trigger, { method: "PUT" })).toBe(405);
  expect(await post(trigger, { headers: { "content-type": "text/plain" } })).toBe(400);
  const big = { ...payload, custom_details: { text: "x".repeat(512 * 1024) } };
  expect(await post({ ...trigger, payload: big })).toBe(413);
  expect(double.accepted()).toEqual([]);
});

test("keeps the state of an alert as the real one does", async () => {
  for (const action of [
    "acknowledge",
    "trigger",
    "trigger",
    "acknowledge",
    "resolve",
    "resolve",
    "acknowledge",
    "trigger",
  ])
    expect(await post({ ...trigger, event_action: action })).toBe(202);
  expect(double.received.map(({ effect }) => effect)).toEqual([
    "dropped",
    "opened",
    "repeated",
    "acknowledged",
    "resolved",
    "dropped",
    "dropped",
    "opened",
  ]);
  expect(double.alert("k")).toEqual({ state: "triggered", opened: 2 });
});

test("answers by script: in order, standing, hanging, closing, and losing the answer", async () => {
  double.script({ answer: 429, headers: { "retry-after": "60" } }, { answer: 500 });
  expect([await post(trigger), await post(trigger), await post(trigger)]).toEqual([429, 500, 202]);
  double.always({ answer: 503 });
  expect([await post(trigger), await post(trigger)]).toEqual([503, 503]);
  double.always(null);
  double.script("hang", "close", "take-and-close");
  await expect(post(trigger, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
  await expect(post(trigger)).rejects.toThrow();
  await expect(post({ ...trigger, dedup_key: "lost" })).rejects.toThrow();
  expect(double.alert("lost")?.opened).toBe(1);
});

test("survives a client that goes away in the middle of its body", async () => {
  await new Promise<void>((resolve) => {
    const request = httpRequest(double.url, { method: "POST", headers: { "content-length": 1000 } });
    request.on("error", () => resolve());
    request.write("{", () => request.destroy(new Error("gone")));
  });
  expect(await post(trigger)).toBe(202);
});
