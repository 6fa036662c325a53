import { setTimeout as sleep } from "node:timers/promises";
import type { CollectorId, EpochMs, Millis, NodeId } from "@mailtide/shared";
import { CloseStack } from "../closing.ts";
import type { Batch, Collector } from "../collect/collector.ts";
import { Schedule } from "../collect/schedule.ts";
import { diskRefusal } from "../config/disk-words.ts";
import type { HealthObservation } from "../core/observation.ts";
import { waitPatiently } from "../loop/patience.ts";
import type { Logger } from "../observe/logger.ts";
import { version } from "../version.ts";
import { mostHealth } from "../collect/agent/wire.ts";
import { type Client, createClient } from "./client.ts";
import { recordsOf } from "./collected.ts";
import { Listed } from "./listed.ts";
import { AgentShipper } from "./ship.ts";
import { holdSpool } from "./spool/hold.ts";
import { Spool } from "./spool/spool.ts";

export interface AgentOptions {
  readonly node: NodeId;
  readonly collectors: readonly Collector[];
  /** Mailboxes that they send probe mail to, at most `mostProbes`. */
  readonly probes: readonly string[];
  readonly server: { readonly url: string; readonly token: string; readonly ca?: string | undefined };
  readonly spool: { readonly folder: string; readonly maxBytes: number };
  readonly logger: Logger;
  /** Named points for crash tests. */
  readonly point?: (name: string) => void;
  readonly now?: () => EpochMs;
}
export interface RunningAgent {
  /** Stops collecting, then sends what is left if the server is there. Safe twice. */
  close(): Promise<void>;
}

/**
 * The collecting half on a host of its own: collectors -> spool -> server. It knows nothing of delays or attacks; windows and
 * everything behind them are made on the server.
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { node, collectors, logger, point = () => undefined, now = Date.now } = options;
  const closing = new CloseStack((name, error) => logger.error("did not stop cleanly", { name, error }));
  try {
    const hold = await holdSpool(options.spool.folder);
    closing.add("hold on the spool", () => hold.release());
    const spool = await Spool.open(options.spool);
    closing.add("spool", () => spool.close());
    const client: Client = createClient(options.server);
    closing.add("connection", async () => client.close());
    const listed = new Listed();
    const health = new Map<CollectorId, HealthObservation>();
    const shipper = new AgentShipper({
      node,
      probes: options.probes,
      program: version,
      spool,
      client,
      now,
      wait,
      point,
      health: () => [...health.values()].slice(0, mostHealth),
      wanted: (ids) => {
        for (const { id } of collectors) if (ids[id] !== undefined) listed.want(id, ids[id]);
      },
      changed: (state, why) =>
        state === "connected"
          ? logger.info("the server takes what is collected", { server: options.server.url })
          : logger.warn("the server does not take what is collected; it is kept", { state, why }),
      factsRefused: (count) => logger.warn("the server did not understand some facts", { count }),
    });
    closing.add("sending", () => shipper.stop());

    const stopped = new AbortController();
    const sink = async (collector: CollectorId, batch: Batch): Promise<void> => {
      const records = recordsOf(collector, batch, { atMs: now(), listed: listedIn(batch, collector) });
      await untilWritten(() => spool.append(records), collector);
      batch.committed?.();
      point("after-append");
      shipper.wake();
    };
    const listedIn = (batch: Batch, collector: CollectorId): string | undefined => {
      const isListing = batch.observations.some(({ kind }) => kind === "queue");
      // An old listing cannot be compared with what the model knows by then; its sums are still true.
      return isListing && !shipper.behind ? listed.take(collector) : undefined;
    };
    /** A full disk holds the collectors back: what they read stays where it is. The server is told why nothing comes. */
    const untilWritten = async (append: () => Promise<void>, collector: CollectorId): Promise<void> => {
      let before: HealthObservation | null = null;
      for (let pauseMs = 500; ; pauseMs = Math.min(2 * pauseMs, 15_000)) {
        try {
          await append();
          if (before !== null) health.set(collector, { ...before, atMs: now() });
          return;
        } catch (error) {
          if (stopped.signal.aborted) throw error;
          logger.error("the spool cannot be written; nothing is collected until it can", { error, collector });
          before ??= health.get(collector) ?? unheard(collectors, collector, now());
          if (before !== null)
            health.set(collector, { ...before, atMs: now(), state: "failing", problem: spoolWords(error) });
          shipper.wake();
          await wait(pauseMs, stopped.signal);
        }
      }
    };
    const schedule = new Schedule({
      collectors,
      positions: spool.positions(),
      now,
      monotonicMs: () => performance.now(),
      wait: waitPatiently,
      sink,
      health: (observation) => health.set(observation.collector, observation),
      knownIds: (_node, collector) => listed.knownIds(collector),
      point,
      failed: (id, error) => logger.warn("a collector failed", { collector: id, error }),
    });
    closing.add("collectors", () => {
      stopped.abort();
      return schedule.stop();
    });
    shipper.start();
    await schedule.start();
    return { close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

/** Of a collector that has not said anything yet. */
function unheard(collectors: readonly Collector[], id: CollectorId, atMs: EpochMs): HealthObservation | null {
  const found = collectors.find((each) => each.id === id);
  if (found === undefined) return null;
  const { node, required, limitSeconds } = found;
  return { kind: "health", atMs, collector: id, node, required, limitSeconds, state: "ok", problem: null };
}

function spoolWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = diskRefusal(code) ?? message;
  return `the spool of the agent on this host cannot be written, ${why}: nothing is collected until it can`;
}

/** Resolves after so long, or at once when the signal aborts. */
async function wait(milliseconds: Millis, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
