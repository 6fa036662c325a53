import { type EpochMs, nodeId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { config, epochMs, mx } from "../../../test/model/lines.ts";
import { oracle, type Plan } from "../../../test/model/oracle.ts";
import { backoff, linesOf, plans, rules } from "../../../test/model/streams.ts";
import type { LogObservation } from "../observation.ts";
import type { DelayEvaluation } from "./delay-api.ts";
import { DelayModel } from "./delay-model.ts";

// A busy machine takes its time over some hundred streams.
vi.setConfig({ testTimeout: 120_000 });

const make = (nodes = [mx]): DelayModel => new DelayModel(config({ nodes, backoff, targetSeconds: rules.target }));

/** Applies the lines in time and evaluates every `step` seconds, as the program does every second. */
function* run(
  model: DelayModel,
  lines: readonly LogObservation[],
  step: number,
  startMs: EpochMs = epochMs,
): Generator<[number, DelayEvaluation]> {
  let next = 0;
  for (let second = 0; second <= 6_000; second += step) {
    for (; next < lines.length && (lines[next]?.atMs ?? 0) <= startMs + second * 1_000; next++) {
      const line = lines[next];
      if (line) model.apply(line);
    }
    yield [second, model.evaluate(startMs + second * 1_000)];
  }
}

test("the numbers are those of the definitions, computed slowly", () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 31, max: 97 }), (plan: Plan[], step) => {
      for (const [second, { delay, facts }] of run(make(), linesOf(plan, epochMs), step)) {
        const truth = oracle(plan, rules, second);
        expect({ second, headline: delay.headlineSeconds }).toEqual({ second, headline: truth.headline });
        expect(delay.lateShare).toBe(truth.lateShare);
        expect(delay.typicalSeconds).toBe(truth.typical);
        expect(facts.totals).toMatchObject({ waiting: truth.waiting, left: truth.left, blocked: truth.blocked });
        const incoming = oracle(plan, rules, second, "in");
        expect(delay.directions.in?.headlineSeconds ?? null).toBe(delay.directions.in ? incoming.headline : null);
      }
    }),
    { numRuns: 60 },
  );
});

test("nothing is lost or made: accepted = waiting + left + blocked + unexplained", () => {
  fc.assert(
    fc.property(plans, (plan) => {
      for (const [second, { facts, queues }] of run(make(), linesOf(plan, epochMs), 120)) {
        const { accepted, waiting, left, blocked, unexplained } = facts.totals;
        expect(accepted).toBe(plan.filter(({ acceptedAt }) => acceptedAt <= second).length);
        expect(waiting + left + blocked + unexplained).toBe(accepted);
        expect(facts.queued).toBe(waiting);
        expect(Object.values(queues.waiting).reduce((sum, { count }) => sum + count, 0)).toBe(waiting);
      }
    }),
    { numRuns: 60 },
  );
});

test("the headline never rises faster than the clock, and nothing is negative", () => {
  // Blocked mail leaves the base: the one exception in these streams, so they have none.
  const calm = plans.map((plan) =>
    plan.map((unit) => ({ ...unit, attempts: unit.attempts.filter(({ end }) => end !== "bounced") })),
  );
  fc.assert(
    fc.property(calm, (plan) => {
      let before = 0;
      for (const [second, { delay, facts }] of run(make(), linesOf(plan, epochMs), 1)) {
        const headline = delay.headlineSeconds ?? 0;
        if (headline > before + 1) expect({ second, before, headline }).toEqual("no faster than the clock");
        before = headline;
        for (const number of [headline, delay.typicalSeconds ?? 0, delay.work.due, facts.oldestOwnWaitSeconds ?? 0])
          if (number < 0) expect({ second, number }).toEqual("not negative");
      }
    }),
    { numRuns: 12 },
  );
});

test("a shift in time by whole five minutes changes nothing", () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 1, max: 1_000 }), (plan, steps) => {
      const later = epochMs + steps * 300_000;
      const shifted = run(make(), linesOf(plan, later), 150, later);
      for (const [, { delay, facts }] of run(make(), linesOf(plan, epochMs), 150)) {
        const other = shifted.next().value?.[1];
        expect(timeless(other?.delay)).toEqual(timeless(delay));
        expect(other?.facts.totals).toEqual(facts.totals);
      }
    }),
    { numRuns: 30 },
  );
});

test("two nodes that share the mail say what one would", () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const two = run(
        make([mx, nodeId("mx2")]),
        linesOf(plan, epochMs, (i) => (i % 2 ? "mx" : "mx2")),
        150,
      );
      for (const [, { delay, queues }] of run(make(), linesOf(plan, epochMs), 150)) {
        const other = two.next().value?.[1];
        // Which host it is of, only several say.
        const { lateHosts: _, ...told } = other?.delay ?? delay;
        expect({ ...told, stuck: null }).toEqual({ ...delay, stuck: null });
        expect(other?.queues).toEqual(queues);
      }
    }),
    { numRuns: 30 },
  );
});

test("saved and restored at any point, it gives the same later answers", () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 0, max: 5_000 }), (plan, cut) => {
      const lines = linesOf(plan, epochMs);
      let model = make();
      const whole = run(make(), lines, 50);
      let next = 0;
      for (let second = 0; second <= 6_000; second += 50) {
        for (; next < lines.length && (lines[next]?.atMs ?? 0) <= epochMs + second * 1_000; next++) {
          const line = lines[next];
          if (line) model.apply(line);
        }
        if (second - (second % 50) === cut - (cut % 50)) {
          const text = model.save();
          model = make();
          expect(model.restore({ format: 2, text })).toBe(true);
          expect(model.save() === text).toBe(true);
        }
        expect(said(model.evaluate(epochMs + second * 1_000))).toEqual(said(whole.next().value?.[1]));
      }
    }),
    { numRuns: 40 },
  );
});

test("a format that it does not know is refused, and it stands empty", () => {
  const model = make();
  expect(model.restore({ format: 99, text: "{}" })).toBe(false);
  expect(model.trackedUnits).toBe(0);
});

/** All of it: some is found only when it is asked for. */
const said = (evaluation: DelayEvaluation | undefined) => ({
  delay: evaluation?.delay,
  queues: evaluation?.queues,
  completeness: evaluation?.completeness,
  facts: evaluation?.facts,
});

/** Instants aside. */
function timeless(delay: DelayEvaluation["delay"] | undefined): unknown {
  const { lateSinceMs: _late, recovery, expected, ...rest } = delay ?? ({} as DelayEvaluation["delay"]);
  return { ...rest, recovery: recovery?.state, expected: { ...expected, notMovingSinceMs: null } };
}
