import type { LineBlock } from "../../core/line-block.ts";
import { detach, longestPiece } from "../../core/text/detach.ts";

/**
 * A string with memory of its own, in one piece. A part of a long string is only a window on that: it keeps the whole alive,
 * and to compare it the engine has to leave compiled code.
 */
export function ownText({ bytes, text, base }: LineBlock, start: number, end: number): string {
  if (end - start === longestPiece) return wholePiece(bytes, start);
  if (end - start < longestPiece) return detach(text.slice(start - base, end - base));
  return Buffer.prototype.latin1Slice.call(bytes, start, end);
}

/** Of so many characters, without a detour over a part of the text: ids of Exim have that many. */
function wholePiece(bytes: Uint8Array, start: number): string {
  const code = (at: number): number => bytes[start + at] ?? 0;
  return String.fromCharCode(
    code(0),
    code(1),
    code(2),
    code(3),
    code(4),
    code(5),
    code(6),
    code(7),
    code(8),
    code(9),
    code(10),
    code(11),
    code(12),
    code(13),
    code(14),
    code(15),
  );
}
