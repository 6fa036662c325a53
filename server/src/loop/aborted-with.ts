/**
 * A controller that `outer` aborts too, with its reason. Its own abort lets go of `outer`. In place of `AbortSignal.any`, of
 * which Node 20 holds the sources only weakly: a timer among them is collected, and never fires.
 */
export function abortedWith(outer: AbortSignal): AbortController {
  const inner = new AbortController();
  const giveUp = (): void => inner.abort(outer.reason);
  if (outer.aborted) giveUp();
  else {
    outer.addEventListener("abort", giveUp, { once: true });
    inner.signal.addEventListener("abort", () => outer.removeEventListener("abort", giveUp), { once: true });
  }
  return inner;
}
