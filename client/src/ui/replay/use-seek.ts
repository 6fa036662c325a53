import type { EpochMs } from "@mailtide/shared";
import { useEffect, useRef, useState } from "react";

const sendEveryMs = 250;
const heldForMs = 1_200;

/**
 * A slider follows the finger at once and the server soon after: what was last asked for is shown until the server has
 * had time to answer, and at most four seeks a second are sent, the last one always.
 */
export function useSeek(
  positionMs: EpochMs,
  send: (atMs: EpochMs) => void,
): readonly [EpochMs, (atMs: EpochMs) => void] {
  const [askedMs, setAskedMs] = useState<EpochMs | null>(null);
  const waiting = useRef<{ atMs: EpochMs; timer: ReturnType<typeof setTimeout> } | null>(null);
  const sentAtMs = useRef(Number.NEGATIVE_INFINITY);
  const sending = useRef(send);
  useEffect(() => {
    sending.current = send;
  }, [send]);

  useEffect(() => {
    if (askedMs === null) return undefined;
    const timer = setTimeout(() => setAskedMs(null), heldForMs);
    return () => clearTimeout(timer);
  }, [askedMs]);
  useEffect(() => () => clearTimeout(waiting.current?.timer), []);

  function seek(atMs: EpochMs): void {
    setAskedMs(atMs);
    if (waiting.current !== null) {
      waiting.current.atMs = atMs;
      return;
    }
    const waitMs = Math.max(0, sentAtMs.current + sendEveryMs - performance.now());
    const timer = setTimeout(() => {
      const last = waiting.current;
      waiting.current = null;
      sentAtMs.current = performance.now();
      if (last !== null) sending.current(last.atMs);
    }, waitMs);
    waiting.current = { atMs, timer };
  }
  return [askedMs ?? positionMs, seek];
}
