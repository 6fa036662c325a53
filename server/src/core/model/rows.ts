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

/**
 * A record whose numbers stand in a row, from `at` on, and whose flags are the bits of one number. Each kind of record reads them by
 * itself, without a base class: what kinds share, engines read more slowly for each.
 */
export interface InRow {
  numbers: Float64Array;
  at: number;
  flags: number;
  stays: boolean;
}

/** It will wait for long: it moves to `rows` of such, so that the few that wait for days do not each keep a block of others'. */
export function stayIn(rows: Rows, record: InRow): void {
  if (record.stays) return;
  record.stays = true;
  const { numbers, at } = record;
  record.numbers = rows.numbers();
  record.at = rows.next();
  for (let place = 0; place < rows.each; place++) record.numbers[record.at + place] = numbers[at + place] ?? 0;
}

export function withFlag(flags: number, flag: number, is: boolean): number {
  return is ? flags | flag : flags & ~flag;
}
