import { InOrder } from "../core/sketch/in-order.ts";
import { detach } from "../core/text/detach.ts";

/**
 * What earlier lines said, by an id, for the lines that follow. Bounded: beyond `most` whoever was put in first goes, and a line
 * that would have asked for it states only what stands in it.
 */
export class Kept<Value> {
  readonly #values = new InOrder<Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(id: string): Value | undefined {
    return this.#values.get(id);
  }

  /** Ids are parts of lines: they are copied. So must be the texts that a value holds. */
  put(id: string, value: Value): void {
    if (!this.#values.has(id) && this.#values.size >= this.#most) this.#values.dropOldest();
    this.#values.set(detach(id), value);
  }

  /** Gives it out and forgets it. */
  take(id: string): Value | undefined {
    const value = this.#values.get(id);
    if (value !== undefined) this.#values.delete(id);
    return value;
  }
}
