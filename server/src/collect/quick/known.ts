import type { LineBlock } from "../../core/line-block.ts";
import { ownText } from "./own-text.ts";

/** A text that is likely to stand at some place again: then it is compared, and neither searched for its end nor cut out. */
export class Known {
  readonly text: string;
  readonly length: number;
  /** Four bytes each; the last four may overlap. */
  readonly #words: readonly number[];

  /** Of at least four bytes. */
  constructor(block: LineBlock, start: number, end: number) {
    const { view } = block;
    this.text = ownText(block, start, end);
    this.length = end - start;
    const fours = Array.from({ length: this.length >> 2 }, (_, index) => view.getInt32(start + 4 * index, true));
    this.#words = [...fours, view.getInt32(end - 4, true)];
  }

  /** Whether it stands at `start`, and behind it the byte `next`. */
  stands({ bytes, view }: LineBlock, start: number, end: number, next: number): boolean {
    const { length } = this;
    if (start + length >= end || bytes[start + length] !== next) return false;
    const words = this.#words;
    const last = words.length - 1;
    if (words[last] !== view.getInt32(start + length - 4, true)) return false;
    for (let index = last - 1; index >= 0; index--)
      if (words[index] !== view.getInt32(start + 4 * index, true)) return false;
    return true;
  }
}
