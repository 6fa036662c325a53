import { useEffect, useRef, useState } from "react";
import type { RefObject } from "react";

export interface Size {
  readonly width: number;
  readonly height: number;
  /** The unit of a drawing: 1/1.375 of its type size, px, so that all of it scales with its words. */
  readonly unit: number;
}

/** Follows the size of an element; zero before it is known. */
export function useSize<T extends Element>(): readonly [RefObject<T | null>, Size] {
  const ref = useRef<T>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0, unit: 16 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      const unit = (Number.parseFloat(getComputedStyle(element).fontSize) || 22) / 1.375;
      setSize((old) =>
        old.width === width && old.height === height && old.unit === unit ? old : { width, height, unit },
      );
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}
