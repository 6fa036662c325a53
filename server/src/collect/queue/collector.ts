import type { CollectorId, NodeId, Seconds } from "@mailtide/shared";
import { mtasOfTwoQueues } from "../../core/arrival.ts";
import type { Hops } from "../../core/model/hops.ts";
import type { Observation } from "../../core/observation.ts";
import type { Batch, CollectorContext, PollCollector } from "../collector.ts";
import { QueueComparison } from "./comparison.ts";
import type { ListedEntry } from "./listing.ts";
import { SnapshotBuilder } from "./snapshot.ts";
import { type QueueWay, restPerWork, type WayChooser } from "./way.ts";

export interface QueueCollectorOptions {
  readonly id: CollectorId;
  readonly node: NodeId;
  readonly required: boolean;
  readonly everySeconds: Seconds;
  readonly deadlineSeconds: Seconds;
  readonly ways: WayChooser;
  readonly hops: Hops;
  /** IANA zone of dates in the listing that state none. */
  readonly zone: string;
  /** False where the log has other ids than the listing, so that they can not be compared. Default true. */
  readonly comparesIds?: boolean;
}

/**
 * Lists the queue every so often and compares it with what the model knows from the log. A listing reads every queue file,
 * so a large queue on a slow disk is listed less often: at most about 2 % of the time goes to it.
 */
export function createQueueCollector(options: QueueCollectorOptions): PollCollector {
  const { id, node, required, deadlineSeconds, ways, hops, zone, comparesIds = true } = options;
  const comparison = new QueueComparison();
  let context: CollectorContext | undefined;
  let failedSeconds = 0;
  const everySeconds = (): Seconds => {
    if (failedSeconds > 0) return Math.max(options.everySeconds, failedSeconds * restPerWork);
    return ways.soon === true ? Math.min(1, options.everySeconds) : Math.max(options.everySeconds, ways.restSeconds);
  };

  async function list(asked: CollectorContext, way: QueueWay, signal: AbortSignal): Promise<Batch> {
    const atMs = asked.now();
    const startedMs = performance.now();
    const known = () => asked.knownIds(node);
    const snapshot = new SnapshotBuilder({ ...way, atMs, hops });
    const instance = ways.instance ?? undefined;
    const compared = comparesIds
      ? await comparison.begin(atMs, known(), { syslogName: instance, isOneOfTwo: mtasOfTwoQueues.has(way.mta) })
      : null;
    const garbled = await way.list({ nowMs: atMs, zone }, signal, (told) => {
      const ids = known();
      const dueMs = told.queue === "deferred" ? ways.dueMs?.(told.queueId) : undefined;
      const due = dueMs === undefined ? told : { ...told, dueMs };
      const entry = due.arrivalMs === null ? withArrival(due, ids.arrivalMs?.(due.queueId)) : due;
      snapshot.add(entry);
      compared?.add(entry, ids);
    });
    const difference = (await compared?.finish(known)) ?? nothingElse;
    const endMs = asked.now();
    const { ageless: _, ...told } = ways.listed(way, (performance.now() - startedMs) / 1000, difference);
    const whose = instance === undefined ? {} : { instance };
    const listed = { kind: "queue", node, atMs, endMs, snapshot: snapshot.finish(), ...whose, ...told } as const;
    const observations: Observation[] = [listed];
    if (garbled > 0) observations.push({ kind: "loss", node, atMs, lines: garbled, because: "unreadable" });
    return { observations };
  }

  async function poll(signal: AbortSignal): Promise<Batch> {
    if (context === undefined) throw new Error("polled before start");
    for (;;) {
      const startedMs = performance.now();
      const way = await ways.choose();
      try {
        const batch = await list(context, way, signal);
        failedSeconds = 0;
        return batch;
      } catch (error) {
        // What fails after a long time has cost as much.
        failedSeconds = (performance.now() - startedMs) / 1000;
        if (signal.aborted || ways.failed?.(way, error) !== true) throw error;
      }
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
    get says() {
      return ways.says ?? null;
    },
    start(given) {
      context = given;
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    poll,
  };
}

/** What a listing does not tell, the log may have. */
function withArrival(entry: ListedEntry, byLogMs: number | null | undefined): ListedEntry {
  return byLogMs === null || byLogMs === undefined ? entry : { ...entry, arrivalMs: byLogMs };
}

const nothingElse = { unknown: [], unknownDropped: 0, vanished: [], ageless: [] } as const;
