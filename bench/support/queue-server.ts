import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { collectorId, nodeId, siteId } from "@mailtide/shared";
import type { CollectorContext } from "../../server/src/collect/collector.ts";
import { createQueueCollector } from "../../server/src/collect/queue/collector.ts";
import { always, type QueueWay } from "../../server/src/collect/queue/way.ts";
import { shippedBackoff } from "../../server/src/core/backoff.ts";
import { compileHops } from "../../server/src/core/model/hops.ts";
import type { QueueObservation } from "../../server/src/core/observation.ts";
import { SiteCore } from "../../server/src/core/site-core.ts";
import { Intake } from "../../server/src/flow/intake.ts";
import { LiveDriver } from "../../server/src/flow/live.ts";
import { Pipeline } from "../../server/src/flow/pipeline.ts";
import { openStateStore } from "../../server/src/store/embedded/state/open.ts";
import { createSequencer } from "../../server/src/stream/sequencer.ts";

export interface QueueServer {
  /** One look of the collector, and what it hands over. */
  look(): Promise<QueueObservation>;
  /** Hands it to the pipeline, and waits until it is in the model. */
  take(listing: QueueObservation): Promise<void>;
  /** One turn at a later instant, after the last of the others. */
  turnAfter(seconds: number): Promise<void>;
  readonly turns: number;
  close(): Promise<void>;
}

const node = nodeId("mx1");
/** The log has had its time to tell of all that waits. */
const now = (): number => Date.now() + 20_000;

function fail(error: unknown): never {
  throw error;
}

/** What a server does with a queue, in this process: collector, intake, turns of the whole core, commits, frames. */
export async function startQueueServer(way: QueueWay): Promise<QueueServer> {
  const site = { id: siteId("main"), name: "Bench", timezone: "UTC", locale: "en" };
  const core = new SiteCore({
    site,
    mode: "live",
    version: "bench",
    targetSeconds: 300,
    delay: {
      site: { id: site.id, targetSeconds: 300 },
      nodes: [{ id: node, ownDomains: ["own.test"], backoff: shippedBackoff.postfix }],
    },
    alerts: { installId: "bench", site, resolveAfterSeconds: 600, inhibitions: [], rules: {}, hosts: [] },
    sources: {},
    dependencies: [],
    collectors: [],
  });
  const folder = await mkdtemp(join(tmpdir(), "mailtide-bench-"));
  const state = await openStateStore({ folder });
  const sequencer = createSequencer({ serverEpoch: "bench" });
  const intake = new Intake();
  let turns = 0;
  const pipeline = new Pipeline({
    core,
    state,
    journalSeq: 0,
    notificationsFor: () => [],
    publish: (live) => void JSON.stringify(sequencer.next(live).changed),
    observe: () => void (turns += 1),
    commitFailed: fail,
    point: () => undefined,
    wait: (milliseconds) => sleep(milliseconds),
  });
  const driver = new LiveDriver({
    pipeline,
    intake,
    requests: { take: () => ({ commands: [], changes: [], pagesSent: [], done: () => undefined }) },
    now,
    wait: async (milliseconds: number, signal: AbortSignal) =>
      void (await sleep(milliseconds, null, { signal }).catch(() => undefined)),
    clockStepped: () => undefined,
    failed: fail,
  } as unknown as ConstructorParameters<typeof LiveDriver>[0]);
  const collector = createQueueCollector({
    id: collectorId("mx1/queue"),
    node,
    required: true,
    everySeconds: 15,
    deadlineSeconds: 120,
    ways: always(way),
    hops: compileHops(),
    zone: "UTC",
  });
  await collector.start({ now, knownIds: (of: typeof node) => core.knownIds(of) } as unknown as CollectorContext);
  driver.start();
  return {
    async look() {
      const { observations } = await collector.poll(AbortSignal.timeout(120_000));
      const [listing] = observations;
      if (listing?.kind !== "queue" || observations.length > 1) throw new Error(`${way.name}: not all could be read`);
      return listing;
    },
    async take(listing) {
      await new Promise<void>((resolve, reject) => {
        intake.put(collector.id, { observations: [listing], committed: resolve }).catch(reject);
      });
    },
    async turnAfter(seconds) {
      await driver.stop();
      await pipeline.turn({ nowMs: now() + seconds * 1_000, observations: [], commands: [], pagesSent: [] }, new Map());
    },
    get turns() {
      return turns;
    },
    async close() {
      await driver.stop();
      await state.close();
      rmSync(folder, { recursive: true });
    },
  };
}
