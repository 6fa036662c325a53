/**
 * Numbers of records, a row for each, side by side in blocks: engines put each number of an object that is no small integer in
 * a box of its own, and to collect the boxes of many messages costs more than the messages. A block lives as long as any
 * record that has a row in it.
 */
export class Rows {
  readonly each: number;
  #block: Float64Array;
  #end = 0;

  constructor(each: number) {
    this.each = each;
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
    this.#end += this.each;
    return at;
  }
}

const rowsOfBlock = 32;

/** A record whose numbers stand in a row, and whose flags are the bits of one number. */
export abstract class InRow {
  #numbers: Float64Array;
  #at: number;
  #flags = 0;
  #stays = false;

  constructor(rows: Rows) {
    this.#numbers = rows.numbers();
    this.#at = rows.next();
  }

  /** The rows of those that stay for long. */
  protected abstract lasting(): Rows;

  /**
   * It will wait for long: it moves to rows of such, so that the few that wait for days do not each keep a block of others'.
   */
  stay(): void {
    if (this.#stays) return;
    this.#stays = true;
    const [from, fromAt, rows] = [this.#numbers, this.#at, this.lasting()];
    this.#numbers = rows.numbers();
    this.#at = rows.next();
    for (let place = 0; place < rows.each; place++) this.setNumber(place, from[fromAt + place] ?? 0);
  }

  protected number(place: number): number {
    return this.#numbers[this.#at + place] as number;
  }

  protected setNumber(place: number, value: number): void {
    this.#numbers[this.#at + place] = value;
  }

  protected is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  protected set(flag: number, is: boolean): void {
    this.#flags = is ? this.#flags | flag : this.#flags & ~flag;
  }
}
