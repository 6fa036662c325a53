import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn } from "../../../quick/bytes.ts";
import { ownText } from "../../../quick/own-text.ts";

/** Fields that stand side by side: ` R=dnslookup T=remote_smtp`, ` P=esmtps X=TLS1.3:...:256 CV=no`. */
export class Run {
  readonly length: number;
  readonly fields: number;
  readonly hasRouter: boolean;
  readonly proto: string | undefined;
  readonly transport: string | undefined;
  readonly tls: string | undefined;
  /** Four bytes each; the last four may overlap. */
  readonly #words: readonly number[];

  constructor(block: LineBlock, start: number, end: number, values: readonly Value[]) {
    const { view } = block;
    const textOf = (key: number): string | undefined => {
      const value = values.find((one) => one.key === key);
      return value === undefined ? undefined : ownText(block, value.start, value.end);
    };
    this.length = end - start;
    this.fields = values.length;
    this.hasRouter = values.some(({ key }) => key === letter.R);
    this.proto = textOf(letter.P);
    this.transport = textOf(letter.T);
    this.tls = textOf(letter.X);
    const fours = Array.from({ length: this.length >> 2 }, (_, index) => view.getInt32(start + 4 * index, true));
    this.#words = [...fours, view.getInt32(end - 4, true)];
  }

  /** Whether it stands at `start`, and its last value goes no further. */
  stands({ bytes, view }: LineBlock, start: number, end: number): boolean {
    const stop = start + this.length;
    if (stop > end) return false;
    const words = this.#words;
    let index = words.length - 1;
    // What tells one from another stands at the end more often than at the beginning.
    if (words[index] !== view.getInt32(stop - 4, true)) return false;
    while (--index >= 0) if (words[index] !== view.getInt32(start + 4 * index, true)) return false;
    return valueEnds(bytes, stop, end);
  }
}

interface Value {
  /** 0: of no interest. */
  readonly key: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Runs that were seen lately; configuration and ciphers make only a few. One that stands again is compared, and none of it is
 * searched for its end or made a text anew.
 */
export class SeenRuns {
  /** The commonest come to stand first. */
  readonly #runs: Run[] = [];

  /** The run whose blank in front stands at `start`; null when it is for others to read. */
  at(block: LineBlock, start: number, end: number): Run | null {
    const runs = this.#runs;
    for (let index = 0; index < runs.length; index++) {
      const run = runs[index] as Run;
      if (!run.stands(block, start, end)) continue;
      if (index > 0) {
        runs[index] = runs[index - 1] as Run;
        runs[index - 1] = run;
      }
      return run;
    }
    const made = readRun(block, start, end);
    if (made === null) return null;
    if (runs.length >= mostRuns) runs.pop();
    runs.push(made);
    return made;
  }
}

/** Values that go up to a blank, of the keys that make a run. */
function readRun(block: LineBlock, start: number, end: number): Run | null {
  const { bytes } = block;
  const values: Value[] = [];
  let at = start;
  while (values.length < mostValues && at + 3 < end && bytes[at] === space) {
    const first = bytes[at + 1] ?? 0;
    const isLong = first === letter.C && bytes[at + 2] === letter.V;
    const key = isLong ? 0 : first;
    const value = isLong ? at + 4 : at + 3;
    if (!(isLong || isOwn(first)) || bytes[value - 1] !== equals) break;
    if (bytes[value] === quote || bytes[value] === less) return null;
    const stop = plainEnd(block, value, end);
    if (stop < 0 || (key !== 0 && values.some((one) => one.key === key))) return null;
    values.push({ key, start: value, end: stop });
    at = stop;
  }
  return values.length === 0 || at - start < 4 || at - start > mostBytes ? null : new Run(block, start, at, values);
}

const isOwn = (code: number): boolean =>
  code === letter.P || code === letter.R || code === letter.T || code === letter.X;

/** Where a value that begins at `start` and is not quoted ends; -1 when it is for others to read. */
export function plainEnd({ bytes, view }: LineBlock, start: number, end: number): number {
  const blank = indexIn(view, space, start, end);
  const at = blank < 0 ? end : blank;
  if (bytes[at - 1] !== colon) return at;
  // A colon at the very end is no part of it.
  return at - 1 > start ? at - 1 : -1;
}

/** Whether a value that goes as far as `at` goes no further. */
export function valueEnds(bytes: Uint8Array, at: number, end: number): boolean {
  if (at === end || bytes[at] === space) return true;
  return bytes[at] === colon && (at + 1 === end || bytes[at + 1] === space);
}

const mostRuns = 16;
const mostValues = 6;
const mostBytes = 192;
const space = 32;
const quote = 34;
const colon = 58;
const less = 60;
const equals = 61;
const letter = { C: 67, P: 80, R: 82, T: 84, V: 86, X: 88 };
