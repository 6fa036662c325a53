import { createHash } from "node:crypto";
import { InOrder } from "../../core/sketch/in-order.ts";
import type { FolderPosition } from "./position.ts";

/**
 * Which segments of a folder were begun or passed over. The order of their names does not tell: a writer whose clock is set
 * back gives later segments earlier names. In a run a segment is new when its name was not there before; behind a restart,
 * when it is none of the last 1,024 and its name is later than those before them.
 */
export class PassedSegments {
  /** By mark, in the order in which they were passed; null: of an earlier run, and not there now. */
  readonly #last = new InOrder<string | null>();
  /** The highest name of those before `#last`. */
  #since: string;
  /** Those that are there. Null until the folder has segments: it may not be mounted yet. */
  #there: Set<string> | null = null;
  #wasBehind: number | undefined;

  constructor(position?: FolderPosition) {
    const { through = "", passed } = position ?? {};
    this.#since = passed?.since ?? through;
    this.#wasBehind = passed?.behind;
    for (let at = 0; at < (passed?.last.length ?? 0); at += markLength)
      this.#last.set(passed?.last.slice(at, at + markLength) ?? "", null);
  }

  /** The first new one of those that are there now, both by name. */
  nextOf(names: readonly string[]): string | undefined {
    if (names.length === 0) return undefined;
    this.#there ??= new Set(names.filter((name) => name <= this.#since && !this.#last.has(markOf(name))));
    const there = this.#there;
    const unknown = names.filter((name) => !there.has(name));
    if (there.size > names.length - unknown.length) {
      const now = new Set(names);
      for (const name of there) if (!now.has(name)) there.delete(name);
    }
    return unknown.find((name) => !this.#isAmongLast(name));
  }

  pass(name: string): void {
    this.#last.put(markOf(name), name);
    this.#there?.add(name);
    if (this.#last.size <= mostLast) return;
    const oldest = this.#last.dropOldest()?.[1] ?? null;
    if (oldest !== null && oldest > this.#since) this.#since = oldest;
  }

  /**
   * How many came between two runs under names so early that they count as passed, as far as can be told: more are there
   * than were. Told once, when the folder has segments.
   */
  takeMissed(): number {
    if (this.#wasBehind === undefined || this.#there === null) return 0;
    const missed = Math.max(0, this.#behind - this.#wasBehind);
    this.#wasBehind = undefined;
    return missed;
  }

  get kept(): NonNullable<FolderPosition["passed"]> {
    const marks = [...this.#last.entries()].map(([mark]) => mark);
    return { last: marks.join(""), since: this.#since, behind: this.#wasBehind ?? this.#behind };
  }

  /** Those that are there and not among the last. */
  get #behind(): number {
    let behind = this.#there?.size ?? 0;
    for (const name of this.#last.values()) if (name !== null && this.#there?.has(name) === true) behind--;
    return behind;
  }

  #isAmongLast(name: string): boolean {
    const mark = markOf(name);
    const last = this.#last.get(mark);
    if (last !== null && last !== name) return false;
    this.#last.set(mark, name);
    this.#there?.add(name);
    return true;
  }
}

/** So short that the last fit a position that is written each second; one new segment in 67 million has that of one of them. */
function markOf(name: string): string {
  return createHash("sha256").update(name).digest("base64url").slice(0, markLength);
}

const markLength = 6;
const mostLast = 1_024;
