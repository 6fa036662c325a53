/** A line longer than this is cut, and marked so. */
export const longestLineBytes = 65_536;

export interface CutLine {
  /** Without its newline; at most as long as allowed. A view that is valid until the next `push`. */
  readonly bytes: Buffer;
  readonly truncated: boolean;
  /** Bytes of the input that this line and its newline took. */
  readonly length: number;
}

/**
 * Cuts a stream of chunks into lines and holds back the last, unfinished one: bounded, the excess of an over-long line is
 * counted and let go.
 */
export class LineSplitter {
  readonly #longestBytes: number;
  readonly #end: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes of the unfinished line, let go ones included. */
  #pending = 0;

  constructor(longestBytes = longestLineBytes, end = newlineByte) {
    this.#longestBytes = longestBytes;
    this.#end = end;
  }

  /** Bytes read of a line whose newline has not come yet. */
  get pendingBytes(): number {
    return this.#pending;
  }

  *push(chunk: Buffer): Generator<CutLine, void, void> {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(this.#end, start);
      if (newline < 0) break;
      if (this.#pending === 0) {
        const end = Math.min(newline, start + this.#longestBytes);
        yield { bytes: chunk.subarray(start, end), truncated: end < newline, length: newline - start + 1 };
      } else {
        this.#hold(chunk, start, newline);
        yield this.#take(1);
      }
      start = newline + 1;
    }
    if (start < chunk.length) this.#hold(chunk, start, chunk.length);
  }

  /** The unfinished line, when nothing can come any more; undefined when there is none. */
  finish(): CutLine | undefined {
    return this.#pending === 0 ? undefined : this.#take(0);
  }

  #hold(chunk: Buffer, start: number, end: number): void {
    const room = Math.min(end - start, this.#longestBytes - this.#heldBytes);
    if (room > 0) {
      // A copy: the chunk's memory is the reader's and will be filled again.
      this.#held.push(Buffer.from(chunk.subarray(start, start + room)));
      this.#heldBytes += room;
    }
    this.#pending += end - start;
  }

  #take(newlineBytes: number): CutLine {
    const bytes = this.#held.length === 1 ? (this.#held[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#held);
    const line: CutLine = {
      bytes,
      truncated: this.#pending > this.#heldBytes,
      length: this.#pending + newlineBytes,
    };
    this.#held = [];
    this.#heldBytes = 0;
    this.#pending = 0;
    return line;
  }
}

const newlineByte = 10;
