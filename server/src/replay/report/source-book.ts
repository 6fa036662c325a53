import type { EpochMs } from "@mailtide/shared";
import { mostHostileFirst } from "../../core/sources/hostile.ts";
import type { FactSource, SourceFact } from "../../core/sources/sources.ts";
import { iso } from "./instant.ts";
import type { ReportDocument } from "./schema.ts";

/** About 100 MB of addresses. */
const mostSources = 500_000;

/** Every source of a whole recording, exactly, up to a bound: the core itself keeps an hour of most. */
export class SourceBook {
  readonly #sources = new Map<string, Counted>();
  readonly #most: number;
  readonly #fromMs: EpochMs;
  #dropped = 0;

  /** Counts what happens from `fromMs` on. */
  constructor(fromMs: EpochMs, most = mostSources) {
    this.#fromMs = fromMs;
    this.#most = most;
  }

  /** Facts about sources over the bound. */
  get dropped(): number {
    return this.#dropped;
  }

  readonly note = (fact: SourceFact, source: FactSource, atMs: EpochMs, times: number): void => {
    if (atMs < this.#fromMs) return;
    let counted = source.noted as Counted | null;
    if (counted === null) {
      counted = this.#find(source, atMs);
      if (counted === null) {
        this.#dropped += times;
        return;
      }
      source.noted = counted;
    }
    if (fact === "messages") counted.messages += times;
    else if (fact === "rejects") counted.rejected += times;
    else if (fact === "spoofed") counted.spoofed += times;
    else if (fact === "authFailures") counted.authFailures += times;
  };

  #find({ ip, isOurs }: FactSource, atMs: EpochMs): Counted | null {
    const known = this.#sources.get(ip);
    if (known !== undefined) return known;
    if (this.#sources.size >= this.#most) return null;
    const counted = { ip, isOurs, messages: 0, rejected: 0, spoofed: 0, authFailures: 0, firstMs: atMs };
    this.#sources.set(ip, counted);
    return counted;
  }

  report(top: number): ReportDocument["sources"] {
    // Our own count, as on the screen, and are not named.
    const named = [...this.#sources.values()].filter(({ isOurs }) => !isOurs);
    const sources = named.sort(mostHostileFirst).slice(0, top);
    return {
      distinct: this.#sources.size,
      top: sources.map(({ ip, messages, rejected, spoofed, authFailures, firstMs }) => {
        return { ip, messages, rejected, spoofed, authFailures, firstAt: iso(firstMs) };
      }),
    };
  }
}

interface Counted {
  readonly ip: string;
  readonly isOurs: boolean;
  messages: number;
  rejected: number;
  spoofed: number;
  authFailures: number;
  readonly firstMs: EpochMs;
}
