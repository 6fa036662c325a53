import type { EpochMs } from "@mailtide/shared";
import { Counter, Gauge, type Registry } from "prom-client";

/** How the message index stands; the last four since the start of the program. */
export interface IndexCounts {
  readonly hops: number;
  readonly bytes: number;
  readonly oldestMs: EpochMs | null;
  readonly forgottenForAge: number;
  readonly forgottenForRoom: number;
  readonly lostFacts: number;
  readonly unmatchedPasses: number;
}

/** The message index for Prometheus, read when it asks; absent as long as there is none. */
export function showIndex(registry: Registry): { show(counts: IndexCounts): void } {
  let current: IndexCounts | null = null;
  const gauge = (name: string, help: string, read: (counts: IndexCounts) => number | null): void => {
    void new Gauge({
      name: `mailtide_index_${name}`,
      help,
      registers: [registry],
      collect() {
        this.remove();
        const value = current === null ? null : read(current);
        if (value !== null) this.set(value);
      },
    });
  };
  const counter = (
    name: string,
    help: string,
    label: string,
    read: (counts: IndexCounts) => Record<string, number>,
  ): void => {
    void new Counter({
      name: `mailtide_index_${name}_total`,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(current === null ? {} : read(current)))
          this.inc({ [label]: value }, count);
      },
    });
  };
  gauge("queue_files", "Queue files in the message index", ({ hops }) => hops);
  gauge("bytes", "Size of the message index", ({ bytes }) => bytes);
  gauge("oldest_seconds", "Unix time from which on it is whole", ({ oldestMs }) =>
    oldestMs === null ? null : oldestMs / 1_000,
  );
  counter(
    "forgotten",
    "Queue files forgotten because of their age, or before that for want of room",
    "because",
    (counts) => ({
      age: counts.forgottenForAge,
      room: counts.forgottenForRoom,
    }),
  );
  counter("lost", "Facts that the index did not take, and filters' words of unknown messages", "what", (counts) => ({
    facts: counts.lostFacts,
    filter_passes: counts.unmatchedPasses,
  }));
  return {
    show(counts) {
      current = counts;
    },
  };
}
