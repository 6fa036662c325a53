import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EpochMs, LiveState, Mode } from "@mailtide/shared";
import { CloseStack } from "./closing.ts";
import { createCollectors, createNotifiers } from "./build.ts";
import { AgentDoor } from "./collect/agent/door.ts";
import { isAgentCollector } from "./collect/agent/index.ts";
import { nodePrefix } from "./collect/agent/instants.ts";
import { isWriteCollector } from "./collect/influx-write/index.ts";
import { Schedule } from "./collect/schedule.ts";
import type { Config } from "./config/schema.ts";
import { coreConfig } from "./core-config.ts";
import { SiteCore } from "./core/site-core.ts";
import { Checkpointer, checkpointModule } from "./flow/checkpoint.ts";
import { countedWrites, countTaken } from "./flow/figures.ts";
import { Intake } from "./flow/intake.ts";
import { LiveDriver } from "./flow/live.ts";
import { operatorDesk } from "./flow/operator-desk.ts";
import { Pipeline } from "./flow/pipeline.ts";
import { Requests } from "./flow/requests.ts";
import { Shipper } from "./flow/shipper.ts";
import { whyNoTurn } from "./flow/standing.ts";
import type { MailtideServer } from "./http/ports.ts";
import { createServer } from "./http/server.ts";
import { openMessageIndex } from "./index/open.ts";
import { notificationsFor } from "./notify/outbox.ts";
import { NotifyPipeline } from "./notify/pipeline.ts";
import { waitPatiently } from "./loop/patience.ts";
import type { Logger } from "./observe/logger.ts";
import { createMetrics } from "./observe/metrics.ts";
import { type Playback, playInto } from "./playback.ts";
import { handOut, recordedSettings, rememberSettings } from "./recording.ts";
import { spawnWorker } from "./store/worker/spawn.ts";
import { installIdOf, openStores, recoverCore } from "./stores.ts";
import { createGateway } from "./stream/gateway.ts";

export interface AppOptions {
  readonly config: Config;
  readonly mode: Mode;
  readonly stateFolder: string;
  readonly clientFolder: string | null;
  readonly logger: Logger;
  /** In place of collectors and the real clock: a recording. No notifier is made then, whatever the configuration says. */
  readonly playback?: Playback;
  /** Named points for crash tests. */
  readonly point?: (name: string) => void;
  readonly checkpointEveryMs?: number;
  /** Called once when the program cannot go on; it should end, and be started again. */
  failed(error: unknown): void;
}
export interface App {
  readonly url: string;
  oneTimeLink(): Promise<string>;
  close(): Promise<void>;
}

const now = (): EpochMs => Date.now();

/** Resolves after so long, or at once when the signal aborts. */
async function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal && { signal }).catch(() => undefined);
}

/**
 * The whole program, built in the order of the arrow: stores, core, notify, serve, then what collects. Each part goes onto
 * the close stack as it starts, so that a failed start takes back what it began, and an end stops collecting first.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, mode, logger, playback, failed } = options;
  const point = options.point ?? ((): void => undefined);
  const metrics = createMetrics({ logDroppedBytes: () => logger.droppedBytes() });
  const closing = new CloseStack((name, error) => logger.error("did not stop cleanly", { name, error }));
  try {
    const { state, series } = await openStores({ ...options, closing });
    const index =
      playback === undefined
        ? await openMessageIndex({
            folder: join(options.stateFolder, "index"),
            keepSeconds: config.index.keep,
            maxBytes: config.index.max,
            trouble: (problem) => logger.warn("the message index", { problem }),
          })
        : null;
    closing.add("message index", async () => index?.close());

    const collectors = playback === undefined ? createCollectors(config, options.stateFolder) : [];
    const installId = await installIdOf(state);
    const settings = coreConfig(config, mode, installId, { collectors, hosts: playback?.hosts });
    const core = new SiteCore(settings);
    const recovery = await state.recover();
    const { journalSeq, emptied } = await recoverCore(core, recovery, async (turn) => {
      await index?.room();
      if (index !== null && turn.journalSeq > index.lastSeq) index.take(turn);
    });
    await index?.rewind(journalSeq);
    if (emptied.length > 0)
      logger.warn("parts of the checkpoint were made by another version and start empty", { emptied });

    await rememberSettings(state, journalSeq, recordedSettings(config, settings));

    const requests = new Requests();
    const notifiers = playback === undefined ? createNotifiers(config) : [];
    const notify = new NotifyPipeline({
      store: state,
      notifiers,
      now,
      point,
      onSettled: ({ notifier, effect }, settlement) => {
        metrics.notified(notifier, settlement.outcome);
        if (settlement.outcome === "sent" && effect.channel === "page" && effect.action === "trigger") {
          requests.pageSent(effect.incident, settlement.atMs);
        }
        if (settlement.outcome !== "sent") logger.warn("notification not delivered", { notifier, ...settlement });
      },
      onTrouble: (error) => logger.error("the outbox cannot be worked", { error }),
    });
    closing.add("notifications", () => notify.stop());

    const shipper = new Shipper({
      state,
      series: countedWrites(series, metrics, () => performance.now()),
      timer: { now, wait },
      point,
      failed: (error) => logger.warn("series wait in the spool", { error }),
      holds: () => logger.info("series are stored again"),
    });
    closing.add("shipper", () => shipper.stop());

    let latest: LiveState | null = null;
    const desk = operatorDesk({ requests, now, current: () => latest, known: () => core.changes() });
    const agents = new AgentDoor({
      collectors: collectors.filter(isAgentCollector),
      now,
      refused: (reason, count) => metrics.agentRefused(reason, count),
      seen: (node, figures) => metrics.agentSeen(node, figures),
    });
    const server: MailtideServer = await createServer({
      settings: config.server,
      auth: config.auth,
      state,
      ...desk,
      metrics,
      ...(index === null ? {} : { indexFigures: () => index.figures() }),
      hosts: {
        all: (nowMs) => core.hosts(nowMs),
        one: (node, nowMs) => {
          const facts = core.host(node, nowMs);
          const { dependencies } = playback ?? config;
          const affecting = dependencies.filter(({ affects }) => affects.some((id) => id === node));
          // What its agent tries from there, the host needs.
          const tried = latest?.dependencies.dependencies.filter(({ id }) => id.startsWith(nodePrefix(node))) ?? [];
          return facts && { ...facts, dependencies: [...affecting, ...tried].map(({ id }) => id) };
        },
      },
      turning: () => {
        const standing = pipeline.standing();
        return { ...whyNoTurn(standing), isFailing: standing.problem !== null };
      },
      recording: (fromMs) => handOut(state, fromMs, now()),
      agents,
      writes: collectors.find(isWriteCollector),
      stream: (http, access) =>
        createGateway({
          server: http,
          access,
          commands: desk.commands,
          audit: (entry) => state.audit(entry),
          metrics,
          logger,
          now,
        }),
      clientFolder: options.clientFolder,
      logger,
      now,
    });
    closing.add("server", () => server.close());

    const pipeline = new Pipeline({
      core,
      state,
      journalSeq,
      notificationsFor: (effects) => notificationsFor(effects, notifiers),
      publish: (published) => {
        latest = playback === undefined ? published : { ...published, meta: { ...published.meta, ...playback.pace() } };
        server.publish(latest);
      },
      committed: (turn) => index?.take(turn),
      observe: ({ coreMs, commitMs }) => {
        if (index !== null) metrics.indexed(index.figures());
        metrics.turned((coreMs + commitMs) / 1000);
        metrics.committed(commitMs / 1000);
        notify.wake();
      },
      commitFailed: (error) =>
        logger.error("the turn could not be stored; nothing new is shown or paged until it can be; trying again", {
          stateFolder: options.stateFolder,
          why: whyNoTurn(pipeline.standing()).why,
          error,
        }),
      commitHolds: () => logger.info("turns are stored again"),
      point,
      wait,
    });

    const checkpointer = new Checkpointer({
      config: settings,
      state,
      startWorker: (workerData) => spawnWorker(checkpointModule, "checkpoint-worker", { workerData }),
      done: (figures) => logger.info("checkpoint", figures),
      failed: (error) => logger.error("no checkpoint could be made; the journal grows", { error }),
    });
    const checkpoint = async (): Promise<void> => {
      const seq = pipeline.journalSeq;
      await index?.settled();
      await checkpointer.run(seq);
    };
    const checkpoints = setInterval(() => void checkpoint(), options.checkpointEveryMs ?? 300_000);
    const expiry = setInterval(
      () => void series.expire(now()).catch((error: unknown) => logger.warn("retention", { error })),
      600_000,
    );
    closing.add("timers", async () => {
      clearInterval(checkpoints);
      clearInterval(expiry);
      await checkpointer.stop();
    });

    const { url } = await server.listen();
    notify.start();
    shipper.start();
    if (playback === undefined) {
      const intake = new Intake();
      const driver = new LiveDriver({
        pipeline,
        intake,
        requests,
        now,
        wait,
        clockStepped: (backMs) => logger.warn("the clock stepped back", { backMs }),
        failed,
      });
      const schedule = new Schedule({
        collectors,
        positions: recovery.positions,
        now,
        monotonicMs: () => performance.now(),
        wait: waitPatiently,
        sink: (id, batch) => {
          countTaken(metrics, id, batch.observations);
          return intake.put(id, batch);
        },
        health: (observation) => intake.say(observation),
        knownIds: (node) => core.knownIds(node),
        point,
        polled: (id, outcome, seconds) => metrics.polled(id, outcome, seconds),
        failed: (id, error) => logger.warn("a collector failed", { collector: id, error }),
      });
      closing.add("pipeline", () => driver.stop());
      closing.add("collectors", () => schedule.stop());
      driver.start();
      await schedule.start();
    } else {
      closing.add("playback", () => playback.stop());
      playInto(pipeline, requests, playback);
    }
    return { url, oneTimeLink: () => server.oneTimeLink(), close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}
