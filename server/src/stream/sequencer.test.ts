import type { Cursor, LiveState, SectionName } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createSequencer } from "./sequencer.ts";
import type { Frame, Sequencer } from "./sequencer.ts";

const names: readonly SectionName[] = ["meta", "delay", "queues", "inbound"];

/** Small stand-in states: four sections, each an object with one number. */
const stateOf = (values: readonly number[]): LiveState =>
  Object.fromEntries(names.map((name, index) => [name, { value: values[index] ?? 0 }])) as unknown as LiveState;
const states = fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }).map(stateOf);

type Step =
  | { readonly kind: "publish"; readonly state: LiveState }
  | { readonly kind: "lose" | "reconnect"; readonly client: number };
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: states.map((state): Step => ({ kind: "publish", state })) },
    { weight: 1, arbitrary: fc.nat(2).map((client): Step => ({ kind: "lose", client })) },
    { weight: 1, arbitrary: fc.nat(2).map((client): Step => ({ kind: "reconnect", client })) },
  ),
  { maxLength: 60 },
);

/** A reader like the browser's: whole sections replaced, a gap noticed by the number. */
class Reader {
  state: Partial<LiveState> = {};
  cursor: Cursor | null = null;
  live = false;
  frames = 0;

  hello(sequencer: Sequencer): void {
    const answer = sequencer.resume(this.cursor);
    if (answer.kind === "deltas") for (const frame of answer.frames) this.frame(frame);
    if (answer.kind === "snapshot") {
      this.state = answer.state;
      this.cursor = answer.cursor;
    }
    this.live = true;
  }
  frame(frame: Frame): void {
    if (this.cursor !== null) expect(frame.cursor.seq).toBe(this.cursor.seq + 1);
    this.state = { ...this.state, ...frame.changed };
    this.cursor = frame.cursor;
    this.frames++;
  }
}

test("any interleaving of losing, resuming and publishing ends with the same state at every client", () => {
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 20, max: 400 }),
      (plan, heldFrames, heldBytes) => {
        const sequencer = createSequencer({ serverEpoch: "a", heldFrames, heldBytes });
        const readers = [new Reader(), new Reader(), new Reader()];
        for (const reader of readers) reader.hello(sequencer);
        for (const step of plan) {
          if (step.kind === "publish") {
            const frame = sequencer.next(step.state);
            for (const reader of readers) if (reader.live) reader.frame(frame);
          } else {
            const reader = readers[step.client];
            if (reader === undefined) continue;
            if (step.kind === "lose") reader.live = false;
            else reader.hello(sequencer);
          }
        }
        for (const reader of readers) reader.hello(sequencer);
        for (const reader of readers) expect(reader.state).toEqual(sequencer.current() ?? {});
      },
    ),
  );
});

test("numbers frames without a gap and sends only sections that differ on the wire", () => {
  const sequencer = createSequencer({ serverEpoch: "a" });
  expect(Object.keys(sequencer.next(stateOf([1, 1, 1, 1])).changed)).toEqual(names);
  const second = sequencer.next(stateOf([1, 2, 1, 1]));
  expect(second.cursor).toEqual({ serverEpoch: "a", seq: 2 });
  expect(second.changed).toEqual({ delay: { value: 2 } });
  expect(sequencer.next(stateOf([1, 2, 1, 1]))).toMatchObject({ cursor: { seq: 3 }, changed: {} });
});

test.each<[string, Cursor]>([
  ["another start of the server", { serverEpoch: "b", seq: 3 }],
  ["a number that we never sent", { serverEpoch: "a", seq: 9 }],
  ["a frame no longer held", { serverEpoch: "a", seq: 0 }],
])("answers %s by a snapshot", (_, cursor) => {
  const sequencer = createSequencer({ serverEpoch: "a", heldFrames: 2 });
  for (const value of [1, 2, 3]) sequencer.next(stateOf([value, 0, 0, 0]));
  expect(sequencer.resume(cursor)).toMatchObject({ kind: "snapshot", cursor: { serverEpoch: "a", seq: 3 } });
});

test("resumes by deltas only while they are smaller than everything", () => {
  const sequencer = createSequencer({ serverEpoch: "a" });
  sequencer.next(stateOf([0, 0, 0, 0]));
  sequencer.next(stateOf([1, 0, 0, 0]));
  expect(sequencer.resume({ serverEpoch: "a", seq: 1 })).toMatchObject({
    kind: "deltas",
    frames: [{ cursor: { seq: 2 } }],
  });
  for (const value of [2, 3, 4, 5, 6, 7]) sequencer.next(stateOf([value, 0, 0, 0]));
  expect(sequencer.resume({ serverEpoch: "a", seq: 1 }).kind).toBe("snapshot");
});

test("has nothing to say before the first state", () => {
  expect(createSequencer({ serverEpoch: "a" }).resume(null)).toEqual({ kind: "nothing-yet" });
});

test("after a cut nobody resumes from before it, though the numbers would fit", () => {
  const sequencer = createSequencer({ serverEpoch: "one" });
  const { cursor } = sequencer.next(stateOf([1]));
  sequencer.cut();
  const after = sequencer.next(stateOf([9]));
  expect(after.cursor.seq).toBe(1);
  expect(after.cursor.serverEpoch).not.toBe(cursor.serverEpoch);
  expect(sequencer.resume(cursor)).toEqual({ kind: "snapshot", cursor: after.cursor, state: stateOf([9]) });
  expect(sequencer.resume(after.cursor)).toEqual({ kind: "deltas", frames: [] });
});
