import type { CollectorId } from "@mailtide/shared";
import { mostListed, mostListedBytes } from "../collect/agent/wire.ts";
import type { KnownIds } from "../collect/collector.ts";

/**
 * What stands in for the model on a host that has none: it notes the ids of a listing, for the server to compare, and knows
 * every message but those that the server asked for, so that only these are told in full.
 */
export class Listed {
  readonly #wanted = new Map<CollectorId, ReadonlySet<string>>();
  readonly #open = new Map<CollectorId, OpenListing>();

  want(collector: CollectorId, ids: readonly string[]): void {
    this.#wanted.set(collector, new Set(ids));
  }

  knownIds(collector: CollectorId): KnownIds {
    return {
      has: (id) => this.#wanted.get(collector)?.has(id) !== true,
      // Asked once, when a listing begins.
      acceptedBefore: (atMs) => {
        this.#open.set(collector, new OpenListing(atMs));
        return [];
      },
      listed: (entry) => this.#open.get(collector)?.add(entry),
    };
  }

  /** `id ageSeconds …` of the listing that just ended, as a JSON string; undefined when it was too long to be compared. */
  take(collector: CollectorId): string | undefined {
    const open = this.#open.get(collector);
    this.#open.delete(collector);
    this.#wanted.delete(collector);
    return open?.text();
  }
}

/**
 * Text at once: a hundred thousand entries must not stay in memory with all that they hold. And JSON at once: to quote two megabytes
 * when the listing ends would hold the event loop.
 */
class OpenListing {
  readonly #startMs: number;
  #whole = "";
  #parts: string[] = [];
  #count = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** What has no known arrival goes as new: it is there, and the server does not ask for what it will soon read of. */
  add({ queueId, arrivalMs }: { readonly queueId: string; readonly arrivalMs: number | null }): void {
    this.#count += 1;
    if (this.#isTooLong || !/^\S{1,255}$/.test(queueId)) return;
    this.#parts.push(`${queueId} ${Math.max(0, Math.round((this.#startMs - (arrivalMs ?? this.#startMs)) / 1000))}`);
    if (this.#parts.length >= 1_000) this.#join();
  }

  text(): string | undefined {
    this.#join();
    return this.#isTooLong ? undefined : `"${this.#whole}"`;
  }

  get #isTooLong(): boolean {
    return this.#count > mostListed || this.#whole.length > mostListedBytes;
  }

  #join(): void {
    const text = JSON.stringify(this.#parts.join(" ")).slice(1, -1);
    this.#whole = this.#whole === "" || text === "" ? this.#whole + text : `${this.#whole} ${text}`;
    this.#parts = [];
  }
}
