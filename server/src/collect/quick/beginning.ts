import type { LineBlock } from "../../core/line-block.ts";

const mostBytes = 64;

/** The beginning of the last line, four bytes each, the last four may overlap: nearly every line begins as the one before. */
export class Beginning {
  /** 0: nothing to compare with. */
  length = 0;
  readonly #words = new Int32Array(mostBytes / 4);

  /** Whether a line that begins at `start`, and goes on behind it, begins so. */
  stands({ view }: LineBlock, start: number, end: number): boolean {
    const { length } = this;
    if (length === 0 || start + length >= end) return false;
    const words = this.#words;
    let index = 0;
    // The seconds differ first: from behind.
    for (let at = start + length - 4; at > start; at -= 4) if (words[index++] !== view.getInt32(at, true)) return false;
    return words[index] === view.getInt32(start, true);
  }

  /** False when it is too short or too long to be remembered. */
  remember({ view }: LineBlock, start: number, length: number): boolean {
    this.length = 0;
    if (length < 4 || length > mostBytes) return false;
    let index = 0;
    for (let at = start + length - 4; at > start; at -= 4) this.#words[index++] = view.getInt32(at, true);
    this.#words[index] = view.getInt32(start, true);
    this.length = length;
    return true;
  }
}
