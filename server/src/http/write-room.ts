/** What is under way of one write. */
export interface Place {
  /** Its body has come, with so many bytes. False when there is no room for it now. */
  read(bytes: number): boolean;
  leave(): void;
}

interface Inside {
  readonly credential: string;
  bytes: number;
  isReading: boolean;
}

/**
 * Bounds the writes that are under way: how many bodies are read at once, and how many bytes of them wait until they are
 * durable. One token has half of it: who sends slowly, or without end, keeps no other writer out.
 */
export class WriteRoom {
  readonly #mostReading: number;
  readonly #mostBytes: number;
  readonly #inside = new Set<Inside>();

  constructor(mostReading: number, mostBytes: number) {
    this.#mostReading = mostReading;
    this.#mostBytes = mostBytes;
  }

  /** Null when too many are being read. */
  enter(credential: string): Place | null {
    const reading = [...this.#inside].filter(({ isReading }) => isReading);
    const own = reading.filter((each) => each.credential === credential);
    if (reading.length >= this.#mostReading || own.length * 2 >= this.#mostReading) return null;
    const one: Inside = { credential, bytes: 0, isReading: true };
    this.#inside.add(one);
    return {
      read: (bytes) => {
        one.isReading = false;
        const [all, its] = this.#held(credential);
        if (all + bytes > this.#mostBytes || (its + bytes) * 2 > this.#mostBytes) return false;
        one.bytes = bytes;
        return true;
      },
      leave: () => void this.#inside.delete(one),
    };
  }

  #held(of: string): readonly [all: number, its: number] {
    let [all, its] = [0, 0];
    for (const { credential, bytes } of this.#inside) {
      all += bytes;
      if (credential === of) its += bytes;
    }
    return [all, its];
  }
}
