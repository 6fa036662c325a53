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
  const rest = items[Symbol.iterator]();
  while (visitSome(rest, visit, perStep)) yield;
}

/** Whether so many were there. A plain function: engines do not make the loops of generators fast. */
function visitSome<Item>(rest: Iterator<Item>, visit: (item: Item) => void, most: number): boolean {
  for (let visited = 0; visited < most; visited++) {
    const next = rest.next();
    if (next.done === true) return false;
    visit(next.value);
  }
  return true;
}
