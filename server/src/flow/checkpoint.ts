import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import type { SiteCoreConfig } from "../core/site-core.ts";
import type { StateStore } from "../store/state.ts";
import type { CheckpointAnswer, CheckpointRequest, CheckpointWork } from "./checkpoint-worker.ts";

/** Beside this module stands `checkpoint-worker`. */
export const checkpointModule: string = import.meta.url;

export interface CheckpointerOptions {
  readonly config: SiteCoreConfig;
  readonly state: StateStore;
  /** Starts `flow/checkpoint-worker`. */
  startWorker(work: CheckpointWork): Worker;
  done(figures: { readonly turns: number; readonly seconds: number }): void;
  failed(error: unknown): void;
}

/**
 * Makes checkpoints in a thread of its own, by the same recovery that a start does (docs/adr/0001): the last checkpoint,
 * then the journal. One at a time. A failed one costs nothing but a longer journal.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** Starts one if none is running; `throughSeq` is the last turn that it shall hold. */
  run(throughSeq: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#running ??= this.#make(throughSeq)
      .catch((error: unknown) => this.#options.failed(error))
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  /** Lets the running one end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #make(throughSeq: number): Promise<void> {
    const started = performance.now();
    const { config, state, startWorker, done } = this.#options;
    const recovery = await state.recover();
    const worker = startWorker({ config, parts: recovery.checkpoint?.parts ?? new Map() });
    try {
      let turns = 0;
      let lastSeq = recovery.checkpoint?.journalSeq ?? 0;
      for await (const { journalSeq, journal } of recovery.journal()) {
        if (journalSeq > throughSeq) break;
        await ask(worker, { journal });
        lastSeq = journalSeq;
        turns += 1;
      }
      if (turns === 0) return;
      const answer = await ask(worker, "save");
      if (!("parts" in answer)) throw new Error("the checkpoint thread answered something else");
      await state.saveCheckpoint({ journalSeq: lastSeq, nowMs: answer.nowMs, parts: answer.parts });
      done({ turns, seconds: (performance.now() - started) / 1000 });
    } finally {
      await worker.terminate();
    }
  }
}

async function ask(worker: Worker, request: CheckpointRequest): Promise<CheckpointAnswer> {
  const stop = new AbortController();
  const failed = once(worker, "exit", { signal: stop.signal }).then(([code]) => {
    throw new Error(`the checkpoint thread ended with code ${String(code)}`);
  });
  worker.postMessage(request);
  try {
    // `once` rejects when the thread emits "error", with the cause.
    return (await Promise.race([once(worker, "message", { signal: stop.signal }), failed]))[0] as CheckpointAnswer;
  } finally {
    failed.catch(() => undefined);
    stop.abort();
  }
}
