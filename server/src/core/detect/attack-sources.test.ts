import { expect, test } from "vitest";
import { ruleInput, someMs } from "../../../test/sections.ts";
import { attackSources } from "./attack-sources.ts";

const flood = {
  newSources: 7287,
  distinctSources: 7322,
  spoofShare: 0.97,
  spoofingSources: 7104,
  messagesPerSecond: 80,
};

const levels = (said: Parameters<typeof ruleInput>[0], memory?: unknown) =>
  attackSources.evaluate(ruleInput(said), memory, {}).signals.map(({ level }) => level);

test("thousands of new sources sending to themselves are a spoofing flood, told with their numbers", () => {
  const [spoof, other] = attackSources.evaluate(ruleInput({ inbound: flood }), undefined, {}).signals;
  expect(spoof).toMatchObject({ level: "bad", cause: "spoof-flood", severity: "ticket", subject: "spoof-flood" });
  expect(other?.level).toBe("between");
  expect(spoof?.evidence[0]?.params).toEqual({ fresh: 7287, usual: 35 });
  expect(spoof?.evidence.at(-1)?.id).toBe("attack.absorbed");
});

test("an attack that makes mail late wakes somebody", () => {
  const said = { inbound: flood, delay: { headlineSeconds: 400 } };
  expect(attackSources.evaluate(ruleInput(said), undefined, {}).signals[0]?.severity).toBe("page");
});

test("without a usual, a spoofing flood is still seen by its floors", () => {
  expect(levels({ inbound: { ...flood, usualNewSources: null, usualSources: null } })[0]).toBe("bad");
});

test("a surge of new sources without spoofing is a flood", () => {
  expect(levels({ inbound: { newSources: 3000, distinctSources: 3300 } })).toEqual(["clear", "bad"]);
});

test.each([
  ["the everyday", {}],
  ["senders that come back after an outage: many, but known", { distinctSources: 9000, messagesPerSecond: 300 }],
  ["web forms and notes to self: few sources", { spoofShare: 0.4, spoofingSources: 6 }],
  ["scanners: many sources, next to no share", { spoofShare: 0.01, spoofingSources: 60, newSources: 90 }],
  ["a quiet night", { spoofShare: null, spoofingSources: 0, newSources: 0, distinctSources: 2 }],
])("no attack: %s", (_, inbound) => {
  expect(levels({ inbound })).toEqual(["clear", "clear"]);
});

test("after a first start every source is new, and that is no flood", () => {
  let memory: unknown;
  const seen = new Set<string>();
  for (let second = 0; second < 1800; second += 10) {
    // New sources thin out as the known ones come back.
    const newSources = Math.round(4000 * Math.exp(-second / 600));
    const inbound = { newSources, distinctSources: 4000, usualNewSources: null, usualSources: null };
    const result = attackSources.evaluate(ruleInput({ inbound }, someMs + second * 1000), memory, {});
    memory = result.memory;
    for (const { level } of result.signals) seen.add(level);
  }
  expect(seen).not.toContain("bad");
});

test("a flood does not become the usual while it lasts, and the onset is kept", () => {
  const unknown = { usualNewSources: null, usualSources: null };
  let memory: unknown;
  let nowMs = someMs;
  const turn = (newSources: number) => {
    nowMs += 10_000;
    const input = ruleInput({ inbound: { ...unknown, newSources, distinctSources: newSources + 300 } }, nowMs);
    const result = attackSources.evaluate(input, memory, {});
    memory = JSON.parse(JSON.stringify(result.memory));
    return result.signals[1];
  };
  for (let step = 0; step < 180; step++) expect(turn(35)?.level).toBe("clear");
  const onsetMs = nowMs + 10_000;
  for (let step = 0; step < 720; step++) expect(turn(3000)).toMatchObject({ level: "bad", startedAtMs: onsetMs });
  expect(turn(40)?.level).toBe("clear");
  expect(JSON.stringify(memory).length).toBeLessThan(4000);
});
