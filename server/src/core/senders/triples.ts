import { InOrder } from "../sketch/in-order.ts";

/** Of client network, sender and recipient, refused for now. Instants in seconds. */
export interface Triple {
  readonly key: number;
  /** Of its network and sender. */
  readonly pair: number;
  readonly network: number;
  /** False where it was refused before any recipient was named. */
  readonly isNamed: boolean;
  readonly firstSecond: number;
  /** When the last try began: a sender goes through all our hosts in one. */
  trySecond: number;
  lastSecond: number;
  /** It was tried more than once. */
  isBack: boolean;
  /** When it was probably accepted; 0 while it is open. */
  endSecond: number;
}

/**
 * Triples by their number, in the order of their last try, and by network and sender. Those that came back stand apart, so that
 * a flood of robots that never do pushes out only its like.
 */
export class Triples {
  readonly #most: number;
  readonly #once = new InOrder<Triple, number>();
  readonly #back = new InOrder<Triple, number>();
  readonly #pairs = new Map<number, Triple | Set<Triple>>();
  /** How many there are of a network: most mail comes from one that has none. */
  readonly #networks = new Map<number, number>();

  /** At most so many that came back, and a quarter as many that did not yet: those come back within the hour or never. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#once.size + this.#back.size;
  }

  hasNetwork(network: number): boolean {
    return this.#networks.has(network);
  }

  get(key: number): Triple | undefined {
    return this.#once.get(key) ?? this.#back.get(key);
  }

  /** Whoever sends chooses how many they are: not to be looked at to the end. */
  ofPair(pair: number): Iterable<Triple> {
    const there = this.#pairs.get(pair);
    return there === undefined ? [] : there instanceof Set ? there : [there];
  }

  /** A new one, or one that was tried again and is the youngest now. Gives what had to go for it. */
  put(triple: Triple): Triple | undefined {
    const { key, pair, network, isBack } = triple;
    if (this.get(key) === undefined) {
      this.#networks.set(network, (this.#networks.get(network) ?? 0) + 1);
      const there = this.#pairs.get(pair);
      // Nearly always there is one, and a set of one is large.
      if (there === undefined) this.#pairs.set(pair, triple);
      else if (there instanceof Set) there.add(triple);
      else this.#pairs.set(pair, new Set([there, triple]));
    }
    if (isBack) this.#once.delete(key);
    const among = isBack ? this.#back : this.#once;
    among.put(key, triple);
    if (among.size <= (isBack ? this.#most : this.#most / 4)) return undefined;
    const [, oldest] = among.oldest() ?? [key, triple];
    this.remove(oldest);
    return oldest;
  }

  remove(triple: Triple): void {
    const { key, pair, network } = triple;
    if (this.get(key) !== triple) return;
    this.#once.delete(key);
    this.#back.delete(key);
    const there = this.#pairs.get(pair);
    if (there instanceof Set && there.size > 1) there.delete(triple);
    else this.#pairs.delete(pair);
    const count = this.#networks.get(network) ?? 0;
    if (count > 1) this.#networks.set(network, count - 1);
    else this.#networks.delete(network);
  }

  /** One that was last tried before this second, as long as there is any. */
  oldBefore(second: number): Triple | undefined {
    for (const among of [this.#once, this.#back]) {
      const [, triple] = among.oldest() ?? [];
      if (triple !== undefined && triple.lastSecond < second) return triple;
    }
    return undefined;
  }

  /** In an order in which they can be put again. */
  *all(): Generator<Triple> {
    yield* this.#once.values();
    yield* this.#back.values();
  }
}

/** As it is saved. */
export type TripleRow = readonly [
  key: number,
  pair: number,
  network: number,
  isNamed: 0 | 1,
  firstSecond: number,
  trySecond: number,
  lastSecond: number,
  isBack: 0 | 1,
  endSecond: number,
];
export const rowOf = (triple: Triple): TripleRow => [
  triple.key,
  triple.pair,
  triple.network,
  triple.isNamed ? 1 : 0,
  triple.firstSecond,
  triple.trySecond,
  triple.lastSecond,
  triple.isBack ? 1 : 0,
  triple.endSecond,
];
export const tripleOf = ([key, pair, network, isNamed, first, attempt, last, isBack, end]: TripleRow): Triple => ({
  key,
  pair,
  network,
  isNamed: isNamed === 1,
  firstSecond: first,
  trySecond: attempt,
  lastSecond: last,
  isBack: isBack === 1,
  endSecond: end,
});
