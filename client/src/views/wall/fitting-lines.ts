import { useLayoutEffect, useRef } from "react";
import type { RefObject } from "react";

const mostLines = 6;
const leastLines = 2;

/**
 * How many lines each chapter may take so that the whole story fits its card: as many as there is room for, the same for
 * all. Looked at anew with every frame, for the story grows and a wall may be turned.
 */
export function useFittingLines(): RefObject<HTMLDivElement | null> {
  const story = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = story;
    if (current === null) return;
    for (let lines = mostLines; lines >= leastLines; lines--) {
      current.style.setProperty("--text-lines", String(lines));
      current.style.setProperty("--title-lines", String(Math.min(3, lines)));
      if (current.scrollHeight <= current.clientHeight + 1) return;
    }
  });
  return story;
}
