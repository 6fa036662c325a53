import { collectorId, type GapView, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { calmSections, collector, mx1, ruleInput, someMs } from "../../../test/sections.ts";
import { collectorStale } from "./collector-stale.ts";
import { expectedWait } from "./expected-wait.ts";
import { detect, ruleDefaults, rules } from "./index.ts";
import { lateMail } from "./late-mail.ts";
import { logLoss } from "./log-loss.ts";
import { queueGrowth } from "./queue-growth.ts";
import type { Rule } from "./rule.ts";
import { stuckMessages } from "./stuck-messages.ts";

const ask = (rule: Rule, said: Parameters<typeof ruleInput>[0], memory?: unknown) =>
  rule.evaluate(ruleInput(said), memory, {}).signals[0];
const calmWaiting = calmSections().queues.waiting;

test("an everyday minute, with 48,000 messages for a dead remote domain, is clear in every rule", () => {
  for (const { level, key } of detect(ruleInput(), {}).signals) expect([key, level]).toEqual([key, "clear"]);
});

test("every rule ships a sample that a screen can show, and thresholds under its name", () => {
  for (const rule of rules) {
    expect(Object.keys(ruleDefaults)).toContain(rule.id);
    for (const signal of rule.sample(someMs)) {
      expect(signal).toMatchObject({ level: "bad", rule: rule.id });
      expect(signal.evidence.length).toBeGreaterThan(0);
      expect(signal.evidence.flatMap(({ parts }) => parts).some((part) => "strong" in part)).toBe(true);
      expect(signal.actions.length).toBeGreaterThan(0);
    }
  }
});

test.each([
  [{ headlineSeconds: 301, lateShare: 0.36 }, "bad", "page"],
  [{ headlineSeconds: 301, lateShare: 0.001 }, "bad", "ticket"],
  [{ headlineSeconds: 901, lateShare: 0.001 }, "bad", "page"],
  [{ headlineSeconds: 260 }, "between", "ticket"],
  [{ headlineSeconds: 200 }, "clear", "ticket"],
  [{ headlineSeconds: 200, atLeast: true }, "unknown", "ticket"],
  [{ headlineSeconds: 400, atLeast: true, lateShare: 0.1 }, "bad", "page"],
  [{ headlineSeconds: null, verdict: "unknown" }, "unknown", "ticket"],
  [{ headlineSeconds: null, verdict: "quiet" }, "clear", "ticket"],
  [{ headlineSeconds: null, verdict: "no-traffic" }, "clear", "ticket"],
] as const)("late mail: %j is %s, %s", (delay, level, severity) => {
  expect(ask(lateMail, { delay })).toMatchObject({ level, severity });
});

test("late mail names the host at which most of it waits, where one stands out", () => {
  const shown = [{ node: mx1, queued: 910, ownQueued: 900, oldestOwnSeconds: 400, lastDepartureMs: null }];
  const words = (mostAt: { node: typeof mx1; share: number } | null) =>
    ask(lateMail, {
      delay: { headlineSeconds: 400, lateShare: 0.1 },
      queues: { hosts: { shown, hidden: 3, mostAt } },
    })?.evidence.map(({ id, params }) => [id, params]);
  expect(words({ node: mx1, share: 0.9 })).toContainEqual(["delay.waits-at", { node: mx1, share: 0.9, waiting: 900 }]);
  expect(words(null)?.map(([id]) => id)).not.toContain("delay.waits-at");
});

test("expected wait: sure beyond the target pages, possibly is a ticket, unknown is unknown", () => {
  const expected = { seconds: 400, lowSeconds: 320, highSeconds: 700, notMovingSinceMs: null };
  expect(ask(expectedWait, { delay: { expected } })).toMatchObject({ level: "bad", severity: "page" });
  expect(ask(expectedWait, { delay: { expected: { ...expected, lowSeconds: 90 } } })?.severity).toBe("ticket");
  expect(ask(expectedWait, { delay: { expected: { ...expected, seconds: null }, verdict: "unknown" } })?.level).toBe(
    "unknown",
  );
});

test("our queue grows and nothing leaves: named within two minutes", () => {
  let memory: unknown;
  let firedAfterSeconds = -1;
  for (let second = 0; second <= 120 && firedAfterSeconds < 0; second++) {
    const delay = {
      ...calmSections().delay,
      expected: { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: second < 10 ? null : someMs },
    };
    const waiting = { ...calmWaiting, own: { count: 4 + second, oldestSeconds: second } };
    const input = ruleInput({ delay, queues: { waiting } }, someMs + second * 1000);
    const result = queueGrowth.evaluate(input, memory, {});
    memory = result.memory;
    if (result.signals[0]?.level === "bad") firedAfterSeconds = second;
  }
  expect(firedAfterSeconds).toBeGreaterThanOrEqual(60);
  expect(firedAfterSeconds).toBeLessThan(120);
});

test("a remote queue may grow as it likes; a still queue of ours that does not grow is no fault", () => {
  const still = { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: someMs - 600_000 };
  const delay = { expected: still, work: { due: 0, busyPerSecond: null, arrivingPerSecond: 0, leavingPerSecond: 0 } };
  const waiting = {
    ...calmWaiting,
    own: { count: 0, oldestSeconds: null },
    remote: { count: 90_000, oldestSeconds: 1 },
  };
  const memory = { still: { sinceMs: someMs - 600_000, waiting: 0 } };
  expect(ask(queueGrowth, { delay, queues: { waiting } }, memory)?.level).toBe("clear");
  const one = { ...waiting, own: { count: 1, oldestSeconds: 600 } };
  expect(ask(queueGrowth, { delay, queues: { waiting: one } }, memory)?.level).toBe("between");
});

test("blind, the rules about queues say unknown", () => {
  const freshness = { slowest: collector({ state: "stale" }), collectors: [collector({ state: "stale" })] };
  for (const rule of [queueGrowth, stuckMessages, expectedWait])
    expect(ask(rule, { freshness })?.level).toBe("unknown");
  expect(ask(collectorStale, { freshness })).toMatchObject({ level: "bad", severity: "ticket", node: mx1 });
});

const hosts = (count: number, silent: number) =>
  Array.from({ length: count }, (_, at) =>
    collector({ id: collectorId(`h${at}/log`), node: nodeId(`h${at}`), state: at < silent ? "stale" : "ok" }),
  );

test("a few silent hosts of many do not end the watch over the others, and their own mail is not called stuck", () => {
  const place = { destination: "far.example", count: 5, oldestSeconds: 9_000 };
  const where = ["h0", "h7"].map((node) => ({ ...place, node: nodeId(node) }));
  const delay = { stuck: { count: 10, oldestSeconds: 9_000, where } };
  const stuck = ask(stuckMessages, { freshness: { collectors: hosts(20, 1) }, delay });
  expect(stuck).toMatchObject({ level: "bad", node: "h7" });
  expect(stuck?.title.params).toEqual({ count: 5 });
  expect(ask(stuckMessages, { freshness: { collectors: hosts(20, 8) }, delay })?.level).toBe("unknown");
  const silentOnly = { stuck: { count: 5, oldestSeconds: 9_000, where: where.slice(0, 1) } };
  expect(ask(stuckMessages, { freshness: { collectors: hosts(20, 1) }, delay: silentOnly })?.level).toBe("clear");
});

/** Of so many hosts so many have been silent for so long. */
const said = (count: number, silent: number, blindSeconds: number) => {
  const lastDataMs = someMs - 20_000;
  const collectors = hosts(count, silent).map((one) => ({ ...one, lastDataMs }));
  const first = collectorStale.evaluate(ruleInput({ freshness: { collectors } }), undefined, {});
  const later = ruleInput({ freshness: { collectors } }, lastDataMs + blindSeconds * 1000);
  return collectorStale.evaluate(later, first.memory, {}).signals;
};

test("where a network is cut, the first have an alert each and the rest one together, which pages sooner", () => {
  const cut = said(200, 120, 301);
  expect(cut.map(({ key, severity }) => [key, severity])).toEqual([
    ...[0, 1, 2, 3, 4].map((at) => [`collector-stale/h${at}/log`, "page"]),
    ["collector-stale/others", "page"],
  ]);
  expect(cut.at(-1)?.title.params).toEqual({ count: 115 });
  expect(cut.at(-1)?.evidence[0]?.params).toEqual({
    names: ["h5", "h6", "h7", "h8", "h9", "h10", "h11", "h12", "h13", "h14"],
    more: 105,
  });
  expect(said(200, 120, 299).every(({ severity }) => severity === "ticket")).toBe(true);
  expect(said(200, 7, 301).map(({ severity }) => severity)).toEqual(Array.from({ length: 6 }, () => "ticket"));
  expect(said(200, 5, 301).map(({ key }) => key)).not.toContain("collector-stale/others");
});

test("of more collectors than a turn speaks of, those that are ill are spoken of", () => {
  const collectors = [...hosts(600, 0), collector({ id: collectorId("z/log"), node: nodeId("z"), state: "stale" })];
  const { signals } = collectorStale.evaluate(ruleInput({ freshness: { collectors } }), undefined, {});
  expect(signals).toMatchObject([{ level: "bad", node: "z" }]);
});

test("an optional collector is no alert, and one that starts is unknown", () => {
  const collectors = [collector({ required: false, state: "failing" }), collector({ state: "starting" })];
  const { signals } = collectorStale.evaluate(ruleInput({ freshness: { collectors } }), undefined, {});
  expect(signals.map(({ level }) => level)).toEqual(["unknown"]);
});

test("stuck messages: a ticket with where they are, and no command from a hostile destination", () => {
  const place = { node: mx1, count: 9, oldestSeconds: 34_800 };
  const stuck = (destination: string) => ({ count: 9, oldestSeconds: 34_800, where: [{ ...place, destination }] });
  const plain = ask(stuckMessages, { delay: { stuck: stuck("archive.example") } });
  expect(plain).toMatchObject({ level: "bad", severity: "ticket", node: mx1 });
  expect(plain?.actions.at(-1)?.command).toContain("@archive[.]example");
  for (const destination of ["a.example; rm -rf /", "$(id).example", "-f.example", "x".repeat(300), "a'b.example"])
    expect(ask(stuckMessages, { delay: { stuck: stuck(destination) } })?.actions).toHaveLength(1);
});

test.each([
  [0.021, "bad"],
  [0.015, "between"],
  [0, "clear"],
  [Number.NaN, "unknown"],
])("a lost share of %s is %s", (lostShare, level) => {
  expect(ask(logLoss, { freshness: { lostShare, lostLines: 100 } })?.level).toBe(level);
});

const told = (...gaps: GapView[]) => logLoss.evaluate(ruleInput({ freshness: { gaps } }), null, {}).signals[1];

test("a gap that nobody can count is a loss: with its host, its log and when it was, for as long as the screen tells it", () => {
  const hourMs = 3_600_000;
  const gap = (at: number, node = mx1): GapView => {
    const fromMs = someMs - at * hourMs;
    return { node, log: `/var/log/mail.${at}`, fromMs, toMs: fromMs + hourMs, foundMs: someMs };
  };
  expect(told()).toMatchObject({ level: "clear", key: "log-loss/gap" });
  const one = told(gap(3));
  expect(one).toMatchObject({ level: "bad", severity: "ticket", node: mx1, startedAtMs: someMs - 3 * hourMs });
  expect(one?.evidence.map(({ params }) => params)).toEqual([
    { node: mx1, log: "/var/log/mail.3", fromMs: someMs - 3 * hourMs, toMs: someMs - 2 * hourMs },
    {},
  ]);
  // Twenty hosts that were cut off are one alert.
  const many = told(...Array.from({ length: 20 }, (_, at) => gap(at, nodeId(`mx${at}`))));
  expect(many).toMatchObject({ level: "bad", node: null, startedAtMs: someMs - 19 * hourMs });
  expect(many?.evidence.map(({ id }) => id)).toEqual([
    ...Array.from({ length: 4 }, () => "freshness.gap-in"),
    "freshness.gaps-more",
    "freshness.lost-means",
  ]);
});
