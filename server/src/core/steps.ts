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
export function* eachInSteps<Item>(items: readonly Item[], visit: (item: Item) => void, perStep: number): Steps {
  let from = 0;
  for (; from + perStep <= items.length; from += perStep) {
    visitSome(items, visit, from, from + perStep);
    yield;
  }
  visitSome(items, visit, from, items.length);
}

/** A plain function: engines do not make the loops of generators fast. */
function visitSome<Item>(items: readonly Item[], visit: (item: Item) => void, from: number, to: number): void {
  for (let at = from; at < to; at++) visit(items[at] as Item);
}
