import { useEffect, useRef, useState } from "react";

/** The newest value, at most once every `everyMs`: a chart costs about 50 ms of script and need not follow each frame. */
export function useSlowly<T>(value: T, everyMs: number): T {
  const [shown, setShown] = useState(value);
  const shownAtMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const show = () => {
      shownAtMs.current = performance.now();
      setShown(value);
    };
    const waitMs = shownAtMs.current + everyMs - performance.now();
    if (waitMs <= 0) {
      show();
      return undefined;
    }
    const timer = setTimeout(show, waitMs);
    return () => clearTimeout(timer);
  }, [value, everyMs]);
  return shown;
}
