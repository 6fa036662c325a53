import * as fc from "fast-check";
import { incidentId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { alertingConfig, said } from "../../../test/alerting.ts";
import { isFiring } from "./alert.ts";
import type { Command, Effect, Signal } from "./signal.ts";
import { isSilenced } from "./silence.ts";
import { type AlertingState, emptyState } from "./state.ts";
import { step } from "./step.ts";

const config = { ...alertingConfig, resolveAfterSeconds: 30 };
const rules = ["late-mail", "schema-lock", "attack-sources"];

const signal: fc.Arbitrary<Signal> = fc
  .record({
    rule: fc.constantFrom(...rules),
    level: fc.constantFrom("bad", "bad", "between", "clear", "unknown" as const),
    severity: fc.constantFrom("page", "ticket", "info" as const),
    forSeconds: fc.constantFrom(0, 5),
  })
  .map(({ rule, ...more }) => said(rule, more));

const command: fc.Arbitrary<(nowMs: number) => Command> = fc
  .record({
    type: fc.constantFrom("acknowledge", "silence", "unsilence" as const),
    number: fc.integer({ min: 1, max: 3 }),
    rule: fc.constantFrom(...rules),
    seconds: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ type, number, rule, seconds }) => (nowMs: number): Command => {
    if (type === "acknowledge") return { type, incident: incidentId(`i-${number}`), by: "sam" };
    if (type === "unsilence") return { type, id: rule, by: "sam" };
    return { type, silence: { id: rule, rule, untilMs: nowMs + seconds * 1000, by: "sam", reason: "" } };
  });

const turn = fc.record({
  seconds: fc.integer({ min: 0, max: 20 }),
  signals: fc.uniqueArray(signal, { selector: ({ key }) => key }),
  commands: fc.array(command, { maxLength: 2 }),
});
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

interface Ran {
  readonly effects: readonly Effect[];
  readonly state: AlertingState;
}
function run(
  turns: readonly Turn[],
  each: (ran: Ran, nowMs: number, at: number) => AlertingState | void,
): readonly Effect[] {
  let state = emptyState;
  let nowMs = 1_000_000;
  const all: Effect[] = [];
  turns.forEach(({ seconds, signals, commands }, at) => {
    nowMs += seconds * 1000;
    const input = { signals, commands: commands.map((make) => make(nowMs)), changes: [], facts: {} };
    const ran = step(state, input, nowMs, config);
    all.push(...ran.effects);
    state = each(ran, nowMs, at) ?? ran.state;
  });
  return all;
}

const turns = fc.array(turn, { maxLength: 60 });

test("each channel of an incident is triggered at most once, first, and resolved at most once, last, with rising seq", () => {
  fc.assert(
    fc.property(turns, (list) => {
      const byChannel = new Map<string, Effect[]>();
      for (const effect of run(list, nothing)) {
        const key = `${effect.incident} ${effect.channel}`;
        byChannel.set(key, [...(byChannel.get(key) ?? []), effect]);
      }
      for (const effects of byChannel.values()) {
        const actions = effects.map(({ action }) => action);
        expect(effects.map(({ seq }) => seq)).toEqual(effects.map((_, at) => at + 1));
        expect(actions.indexOf("trigger")).toBe(0);
        expect(actions.lastIndexOf("trigger")).toBe(0);
        expect(new Set(actions).size).toBe(actions.length);
        if (actions.includes("resolve")) expect(actions.at(-1)).toBe("resolve");
      }
    }),
    { numRuns: 400 },
  );
});

test("nothing is triggered while all that could trigger it is silenced", () => {
  fc.assert(
    fc.property(turns, (list) => {
      run(list, ({ effects, state }, nowMs) => {
        for (const { action, channel, incident } of effects) {
          if (action !== "trigger") continue;
          const audible = state.open?.alerts.filter(
            (alert) => isFiring(alert) && !isSilenced(alert, incident, state.silences, nowMs),
          );
          expect(audible?.some(({ severity }) => severity === channel)).toBe(true);
        }
      });
    }),
    { numRuns: 400 },
  );
});

test("saved and restored at any point, the rest is told the same", () => {
  fc.assert(
    fc.property(turns, fc.nat(60), (list, cut) => {
      const restored = run(list, ({ state }, _, at) =>
        at === cut ? (JSON.parse(JSON.stringify(state)) as AlertingState) : undefined,
      );
      expect(restored).toEqual(run(list, nothing));
    }),
    { numRuns: 200 },
  );
});

test("an incident is resolved only when none of its alerts was bad within the time of resolving", () => {
  fc.assert(
    fc.property(turns, (list) => {
      const lastBad = new Map<string, number>();
      run(list, ({ effects, state }, nowMs, at) => {
        for (const one of list[at]?.signals ?? []) if (one.level === "bad") lastBad.set(one.key, nowMs);
        for (const { action, incident } of effects) {
          if (action !== "resolve") continue;
          const ended = state.resolved.find(({ id }) => id === incident);
          for (const { key } of ended?.alerts ?? [])
            expect(nowMs - (lastBad.get(key) ?? 0)).toBeGreaterThanOrEqual(config.resolveAfterSeconds * 1000);
        }
      });
    }),
    { numRuns: 400 },
  );
});

function nothing(): void {}
