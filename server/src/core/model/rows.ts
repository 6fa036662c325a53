/**
 * Numbers of records, a row for each, side by side in blocks: engines put each number of an object that is no small integer in
 * a box of its own, and to collect the boxes of many messages costs more than the messages. A block lives as long as any
 * record that has a row in it; so that those few that wait for days do not each keep a block of rows of others, whoever will
 * stay for long moves to rows of such.
 */
export class Rows {
  readonly #each: number;
  #block: Float64Array;
  #end = 0;

  constructor(each: number) {
    this.#each = each;
    this.#block = new Float64Array(each * rowsOfBlock);
  }

  /** Where the row stands that is given out next. */
  numbers(): Float64Array {
    if (this.#end === this.#block.length) {
      this.#block = new Float64Array(this.#block.length);
      this.#end = 0;
    }
    return this.#block;
  }

  /** The first place of a row of zeros in `numbers`, which is to be asked before. */
  next(): number {
    const at = this.#end;
    this.#end += this.#each;
    return at;
  }

  /** The same, of a row as it stands elsewhere. */
  add(from: Float64Array, fromAt: number): number {
    const at = this.next();
    for (let place = 0; place < this.#each; place++) this.#block[at + place] = from[fromAt + place] ?? 0;
    return at;
  }
}

const rowsOfBlock = 32;
