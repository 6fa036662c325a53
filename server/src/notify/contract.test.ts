import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { effectOf } from "../../test/outbox.ts";
import { type PagerDutyDouble, startPagerDuty } from "../../test/real/pagerduty.ts";
import { notifierKinds } from "./index.ts";
import type { Notifier } from "./notifier.ts";
import { pagerDutyNotifier } from "./pagerduty/notifier.ts";

const key = "0123456789abcdef0123456789abcdef";
const never = new AbortController().signal;

/** How the test of every kind of notifier gets one that talks to a receiver of ours. One line a kind. */
const kinds: Readonly<Record<(typeof notifierKinds)[number]["type"], (url: string) => Notifier>> = {
  pagerduty: (url) =>
    pagerDutyNotifier({ id: "n", channels: ["page"], publicUrl: null, url, routingKey: { reveal: () => key } }),
};

describe.each(Object.entries(kinds))("%s, like every notifier,", (_, make) => {
  let receiver: PagerDutyDouble;
  let notifier: Notifier;
  beforeEach(async () => {
    receiver = await startPagerDuty();
    notifier = make(receiver.url);
  });
  afterEach(() => receiver.stop());

  test.each([
    [202, "sent"],
    [400, "refused"],
    [401, "refused"],
    [404, "refused"],
    [301, "refused"],
    [429, "retry"],
    [500, "retry"],
    [502, "retry"],
    [503, "retry"],
  ])("takes %i as %s", async (answer, outcome) => {
    receiver.script({ answer });
    expect(await notifier.send(effectOf(), "i-1", never)).toMatchObject({ outcome });
    expect(receiver.received).toHaveLength(1);
  });

  test("asks for another try when the connection breaks, nobody listens, or it is cut short", async () => {
    receiver.script("close");
    expect(await notifier.send(effectOf(), "i-1", never)).toMatchObject({ outcome: "retry" });
    receiver.script("hang");
    const hung = await notifier.send(effectOf(), "i-1", AbortSignal.timeout(100));
    expect(hung).toMatchObject({ outcome: "retry" });
    await receiver.stop();
    expect(await notifier.send(effectOf(), "i-1", never)).toMatchObject({
      outcome: "retry",
      error: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("says why it was refused, without secrets", async () => {
    receiver.script({ answer: 400, body: `{"message":"Event object is invalid","key":"${key}"}` });
    const result = await notifier.send(effectOf(), "i-1", never);
    expect(result).toMatchObject({ outcome: "refused", error: expect.stringContaining("Event object is invalid") });
    expect(JSON.stringify(result)).not.toContain(key);
  });

  test("does not read an answer without end", async () => {
    receiver.script({ answer: 500, body: "x".repeat(5_000_000) });
    const result = await notifier.send(effectOf(), "i-1", never);
    expect(JSON.stringify(result).length).toBeLessThan(600);
  });
});
