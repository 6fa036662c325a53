import type { LineBlock } from "../../core/line-block.ts";
import { ownText } from "./own-text.ts";

/** Longer ones are cut out of the block, and not remembered. */
const mostBytes = 32;
const wordsEach = mostBytes / 4;

/**
 * Texts that were seen lately. The same queue id or name stands in many lines, and a string that was used as a key before is
 * found again without being hashed anew: so the very same is handed out, as long as no other takes its place. None is a part
 * of a block: it may be kept. Hostile input can only take others' places. Tables are small, for the processor's caches.
 */
export class SeenTexts {
  readonly #words: Int32Array;
  /** What tells texts apart without a look at them, which are further away. */
  readonly #hashes: Int32Array;
  readonly #texts: string[];
  readonly #mask: number;

  /** `places` is a power of two. */
  constructor(places: number) {
    this.#words = new Int32Array(places * wordsEach);
    this.#hashes = new Int32Array(places);
    this.#texts = Array.from({ length: places }, () => "");
    this.#mask = places - 1;
  }

  /** What stands between the two places; of a longer one a part of the block. */
  of(block: LineBlock, start: number, end: number): string {
    const length = end - start;
    // Engines copy short ones, and know those of one or two characters.
    if (length < 4 || length > mostBytes) return cut(block, start, end);
    const { view } = block;
    const last = view.getInt32(end - 4, true);
    let hash = last ^ length;
    for (let at = start, stop = end - 4; at < stop; at += 4)
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e37_79b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
    hash ^= hash >>> 17;
    const place = hash & this.#mask;
    if (this.#hashes[place] === hash && this.#stands(view, place, start, end)) {
      const text = this.#texts[place] ?? "";
      if (text.length === length) return text;
    }
    this.#hashes[place] = hash;
    return this.#put(block, place, start, end);
  }

  #stands(view: DataView, place: number, start: number, end: number): boolean {
    const words = this.#words;
    let index = place * wordsEach;
    for (let at = start, stop = end - 4; at < stop; at += 4)
      if (words[index++] !== view.getInt32(at, true)) return false;
    return words[index] === view.getInt32(end - 4, true);
  }

  #put(block: LineBlock, place: number, start: number, end: number): string {
    const { view } = block;
    const words = this.#words;
    let index = place * wordsEach;
    for (let at = start, stop = end - 4; at < stop; at += 4) words[index++] = view.getInt32(at, true);
    words[index] = view.getInt32(end - 4, true);
    return (this.#texts[place] = ownText(block, start, end));
  }
}

/** What stands between the two places: a part of the block, unless it is short. */
export function cut({ text, base }: LineBlock, start: number, end: number): string {
  return text.slice(start - base, end - base);
}
