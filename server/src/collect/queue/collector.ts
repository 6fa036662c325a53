import type { CollectorId, NodeId, Seconds } from "@mailtide/shared";
import type { Hops } from "../../core/model/hops.ts";
import type { Observation } from "../../core/observation.ts";
import type { Batch, CollectorContext, PollCollector } from "../collector.ts";
import { QueueComparison } from "./comparison.ts";
import type { ListingFormat } from "./listing.ts";
import { runListing } from "./run.ts";
import { SnapshotBuilder } from "./snapshot.ts";

export interface QueueCollectorOptions {
  readonly id: CollectorId;
  readonly node: NodeId;
  readonly required: boolean;
  readonly everySeconds: Seconds;
  readonly deadlineSeconds: Seconds;
  /** What prints the listing, with its arguments. */
  readonly command: readonly string[];
  readonly hops: Hops;
  readonly format: ListingFormat;
  /** IANA zone of dates in the listing that state none. */
  readonly zone: string;
  /** False where a listing never says why mail waits. Default true. */
  readonly tellsReasons?: boolean;
  /** False where the log has other ids than the listing, so that they can not be compared. Default true. */
  readonly comparesIds?: boolean;
}

/**
 * Lists the queue every so often and compares it with what the model knows from the log. A listing reads every queue file,
 * so a large queue on a slow disk is listed less often: at most about 2 % of the time goes to it.
 */
export function createQueueCollector(options: QueueCollectorOptions): PollCollector {
  const { id, node, required, deadlineSeconds, command, hops, format, zone } = options;
  const { tellsReasons = true, comparesIds = true } = options;
  const comparison = new QueueComparison();
  let context: CollectorContext | undefined;
  let lastSeconds = 0;
  const everySeconds = (): Seconds => Math.max(options.everySeconds, lastSeconds * restPerWork);

  async function poll(signal: AbortSignal): Promise<Batch> {
    const asked = context;
    if (asked === undefined) throw new Error("polled before start");
    const atMs = asked.now();
    const startedMs = performance.now();
    const snapshot = new SnapshotBuilder({ mta: format.mta, atMs, hops, tellsReasons });
    const compared = comparesIds ? comparison.begin(atMs, asked.knownIds(node)) : null;
    try {
      const reader = format.read({ nowMs: atMs, zone }, (entry) => {
        snapshot.add(entry);
        compared?.add(entry, asked.knownIds(node));
      });
      await runListing(command, signal, reader);
      const { garbled } = reader;
      const difference = (await compared?.finish(() => asked.knownIds(node))) ?? nothingElse;
      const endMs = asked.now();
      const observations: Observation[] = [
        { kind: "queue", node, atMs, endMs, snapshot: snapshot.finish(), ...difference },
      ];
      if (garbled > 0) observations.push({ kind: "loss", node, atMs, lines: garbled, because: "unreadable" });
      return { observations };
    } finally {
      lastSeconds = (performance.now() - startedMs) / 1000;
    }
  }

  return {
    kind: "poll",
    id,
    node,
    required,
    deadlineSeconds,
    get everySeconds() {
      return everySeconds();
    },
    get limitSeconds() {
      return 3 * everySeconds() + deadlineSeconds;
    },
    start(given) {
      context = given;
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    poll,
  };
}

const nothingElse = { unknown: [], unknownDropped: 0, vanished: [] } as const;

/** 49 parts of rest to one of work: 2 %. */
const restPerWork = 49;
