/**
 * Long work that yields after so many items, never after so much time: what comes of it is the same however often it is
 * interrupted. Nothing of what it works on may be changed meanwhile.
 */
export type Steps<Result = void> = Generator<void, Result, void>;

/** All of it at once. */
export function whole<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** `visit` for each, so many a step. */
export function* eachInSteps<Item>(items: Iterable<Item>, visit: (item: Item) => void, perStep: number): Steps {
  let visited = 0;
  for (const item of items) {
    visit(item);
    visited += 1;
    if (visited % perStep === 0) yield;
  }
}
