import type { LineBlock } from "../../core/line-block.ts";
import { detach, longestPiece } from "../../core/text/detach.ts";

/**
 * A string with memory of its own, in one piece. A part of a long string is only a window on that: it keeps the whole alive,
 * and to compare it the engine has to leave compiled code.
 */
export function ownText({ bytes, text, base }: LineBlock, start: number, end: number): string {
  if (end - start <= longestPiece) return detach(text.slice(start - base, end - base));
  return Buffer.prototype.latin1Slice.call(bytes, start, end);
}
