/** A text of 4 to 16 ASCII characters, to be found in bytes four at a time. */
export interface Phrase {
  readonly length: number;
  /** The first four, and the last, which may overlap them. */
  readonly first: number;
  readonly last: number;
  /** Those between, when there are more than eight. */
  readonly second: number;
  readonly third: number;
}

export function phrase(text: string): Phrase {
  const { length } = text;
  if (length < 4 || length > 16) throw new Error(`"${text}" is too short or too long`);
  const word = (at: number): number => [3, 2, 1, 0].reduce((all, more) => (all << 8) | text.charCodeAt(at + more), 0);
  const between = (at: number): number => word(Math.min(at, length - 4));
  return { length, first: word(0), last: word(length - 4), second: between(4), third: between(8) };
}

/** Whether the phrase stands at `at` and ends before `end`. */
export function stands(view: DataView, at: number, end: number, sought: Phrase): boolean {
  const { length } = sought;
  if (at + length > end) return false;
  if (view.getInt32(at, true) !== sought.first || view.getInt32(at + length - 4, true) !== sought.last) return false;
  if (length <= 8) return true;
  return (
    view.getInt32(at + 4, true) === sought.second && (length <= 12 || view.getInt32(at + 8, true) === sought.third)
  );
}

/** A longer text, piece by piece; the last may overlap the one before. */
export class LongPhrase {
  readonly length: number;
  readonly #pieces: readonly (readonly [at: number, piece: Phrase])[];

  /** Of 16 characters or more. */
  constructor(text: string) {
    this.length = text.length;
    const starts = Array.from({ length: Math.ceil(text.length / 16) }, (_, index) =>
      Math.min(16 * index, text.length - 16),
    );
    this.#pieces = starts.map((at) => [at, phrase(text.slice(at, at + 16))]);
  }

  /** Whether it stands at `at` and ends before `end`. */
  stands(view: DataView, at: number, end: number): boolean {
    for (const [from, piece] of this.#pieces) if (!stands(view, at + from, end, piece)) return false;
    return true;
  }
}
