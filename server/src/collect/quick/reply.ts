import { pastDigits } from "./bytes.ts";

/** The code of three digits that an SMTP reply at `at` begins with, of 200 to 599; -1 without. */
export function replyCode(bytes: Uint8Array, at: number, end: number): number {
  const first = (bytes[at] ?? 0) - 48;
  const second = (bytes[at + 1] ?? 0) - 48;
  const third = (bytes[at + 2] ?? 0) - 48;
  if (at + 3 > end || first < 2 || first > 5 || !isOne(second) || !isOne(third)) return -1;
  const next = bytes[at + 3];
  return at + 3 === end || next === space || next === dash ? first * 100 + second * 10 + third : -1;
}

/** Behind the code of RFC 3463 at `start`, as `readDsnEnd` has it; `start` itself without. */
export function dsnEnd(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start];
  if ((first !== 50 && first !== 52 && first !== 53) || start + 5 > end || bytes[start + 1] !== dot) return start;
  const second = pastDigits(bytes, start + 2, end);
  if (second === start + 2 || second > start + 5 || second >= end || bytes[second] !== dot) return start;
  const third = pastDigits(bytes, second + 1, end);
  if (third === second + 1 || third > second + 4) return start;
  return third < end && bytes[third] === dot ? start : third;
}

const isOne = (digit: number): boolean => digit >= 0 && digit <= 9;
const space = 32;
const dash = 45;
const dot = 46;
