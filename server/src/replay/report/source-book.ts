import type { EpochMs } from "@mailtide/shared";
import { mostHostileFirst } from "../../core/sources/hostile.ts";
import type { SourceFact } from "../../core/sources/sources.ts";
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

  readonly note = (fact: SourceFact, ip: string, atMs: EpochMs, times: number): void => {
    if (atMs < this.#fromMs) return;
    let source = this.#sources.get(ip);
    if (source === undefined) {
      if (this.#sources.size >= this.#most) {
        this.#dropped += times;
        return;
      }
      source = { ip, messages: 0, rejected: 0, spoofed: 0, authFailures: 0, firstMs: atMs };
      this.#sources.set(ip, source);
    }
    if (fact === "connections") return;
    source[fact === "rejects" ? "rejected" : fact] += times;
  };

  report(top: number): ReportDocument["sources"] {
    const sources = [...this.#sources.values()].sort(mostHostileFirst).slice(0, top);
    return {
      distinct: this.#sources.size,
      top: sources.map(({ firstMs, ...counted }) => ({ ...counted, firstAt: iso(firstMs) })),
    };
  }
}

interface Counted {
  readonly ip: string;
  messages: number;
  rejected: number;
  spoofed: number;
  authFailures: number;
  readonly firstMs: EpochMs;
}
