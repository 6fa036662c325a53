import type { EpochMs, ReplaySpeed } from "@mailtide/shared";
import { CloseStack } from "./closing.ts";
import { createServer } from "./http/server.ts";
import type { AuthSettings, ServerSettings } from "./http/settings.ts";
import type { Logger } from "./observe/logger.ts";
import { createMetrics } from "./observe/metrics.ts";
import type { Capture } from "./replay/contract.ts";
import type { Computed } from "./replay/frames/compute.ts";
import { lookEveryMs, Presenter } from "./replay/frames/presenter.ts";
import { Show } from "./replay/frames/show.ts";
import { FrameStore, type FrameStoreOptions } from "./replay/frames/store.ts";
import { Transport } from "./replay/frames/transport.ts";
import { forgetfulState, stillChanges, stillCommands } from "./replay-still.ts";
import type { ReplayWork } from "./replay-worker.ts";
import { replayLimits } from "./replay-thread.ts";
import { spawnWorker } from "./store/worker/spawn.ts";
import { createGateway } from "./stream/gateway.ts";

export interface ReplayServerOptions {
  readonly capture: Capture;
  /** The same capture once more, for the thread that computes it. */
  readonly work: ReplayWork;
  readonly speed: ReplaySpeed;
  readonly settings: ServerSettings;
  readonly auth: AuthSettings;
  readonly clientFolder: string | null;
  readonly logger: Logger;
  readonly frames?: FrameStoreOptions;
  /** How far it is computed; about once a virtual minute, and at the end. */
  computed(toMs: EpochMs, isDone: boolean): void;
  /** Called once when there is nothing to show, or no more. */
  failed(error: unknown): void;
}

export interface ReplayServer {
  readonly url: string;
  oneTimeLink(): Promise<string>;
  close(): Promise<void>;
}

const now = (): EpochMs => Date.now();

/**
 * A recording in the browser: a thread plays it once and keeps the state of every second, and a transport that all screens
 * share says which of them is shown. There is no store, no notifier and no collector.
 */
export async function startReplayServer(options: ReplayServerOptions): Promise<ReplayServer> {
  const { capture, work, logger, settings, auth, clientFolder } = options;
  const closing = new CloseStack((name, error) => logger.error("did not stop cleanly", { name, error }));
  try {
    const frames = await FrameStore.open(options.frames);
    closing.add("frames", () => frames.close());
    const { fromMs, toMs } = capture.meta;
    const summary = { ...capture.meta, fromMs, toMs: earlier(toMs, work.untilMs) };
    const show = new Show(frames, summary, new Transport(options.speed, performance.now()));

    const metrics = createMetrics();
    const state = forgetfulState(logger);
    const presenter = new Presenter(show, ({ state, cut }) => server.publish(state, { cut }));
    const server = await createServer({
      settings,
      auth,
      state,
      commands: stillCommands,
      changes: stillChanges,
      metrics,
      stream: (http, access) =>
        createGateway({
          server: http,
          access,
          commands: stillCommands,
          transport(command) {
            show.move(command, performance.now());
            presenter.look();
          },
          audit: (entry) => state.audit(entry),
          metrics,
          logger,
          now,
          limits: { frameEveryMs: lookEveryMs / 2 },
        }),
      clientFolder,
      logger,
      now,
    });
    closing.add("server", () => server.close());

    const worker = spawnWorker(import.meta.url, "replay-worker", {
      workerData: work,
      resourceLimits: replayLimits,
    });
    let isClosing = false;
    closing.add("computing", async () => {
      isClosing = true;
      await worker.terminate();
    });
    const ended = (problem: string | null): void => {
      if (isClosing) return;
      if (problem !== null) logger.error("the recording is not computed further", { problem });
      if (frames.lastMs === null) return options.failed(new Error(problem ?? "there is nothing in it to show"));
      show.ended(problem);
      options.computed(frames.lastMs, true);
    };
    worker.on("message", (computed: Computed) => {
      if (computed.kind === "done") {
        ended(computed.isWhole ? null : "There is no more room for what follows: play a shorter part with --until.");
        worker.postMessage(null);
        return;
      }
      const { group, marks } = computed;
      show.take(group, marks).then(
        (wanted) => {
          options.computed(group.lastMs, false);
          worker.postMessage(wanted);
        },
        (error: unknown) => {
          ended(`It cannot be kept: ${wordsOf(error)}`);
          void worker.terminate();
        },
      );
    });
    worker.on("error", (error) => ended(wordsOf(error)));

    const { url } = await server.listen();
    presenter.run().catch(options.failed);
    closing.add("screens", () => presenter.stop());
    return { url, oneTimeLink: () => server.oneTimeLink(), close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);
const earlier = (a: EpochMs | null, b: EpochMs | null): EpochMs | null =>
  a === null || b === null ? a : Math.min(a, b);
