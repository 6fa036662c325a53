import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { CloseStack } from "./closing.ts";
import type { Config } from "./config/schema.ts";
import type { SiteCore } from "./core/site-core.ts";
import { decodeTick } from "./flow/journal.ts";
import type { CommittedTurn } from "./index/message-index.ts";
import type { Logger } from "./observe/logger.ts";
import { openEmbeddedSeries } from "./store/embedded/series/open.ts";
import { openStateStore } from "./store/embedded/state/open.ts";
import { StateRefused } from "./store/errors.ts";
import { openInfluxSeries } from "./store/influx/open.ts";
import type { SeriesStore } from "./store/series.ts";
import type { Recovery, StateStore } from "./store/state.ts";

export interface StoreOptions {
  readonly config: Config;
  readonly stateFolder: string;
  readonly closing: CloseStack;
  readonly logger: Logger;
  readonly point?: (name: string) => void;
  failed(error: unknown): void;
}

/** State first: what is in the series store can be missed for a while, what is in the state store cannot. */
export async function openStores(options: StoreOptions): Promise<{ state: StateStore; series: SeriesStore }> {
  const { config, stateFolder, closing, logger, point, failed } = options;
  const state = await openStateStore({
    folder: stateFolder,
    spoolLimitBytes: config.store.spool,
    onFailure: failed,
    recording: {
      keepSeconds: config.capture.keep,
      maxBytes: config.capture.max,
      failed: (error) => logger.warn("turns could not be kept for recordings", { error }),
      kept: ({ droppedSegments, ...figures }) => {
        if (droppedSegments > 0)
          logger.info("the oldest of the recording was forgotten", { droppedSegments, ...figures });
      },
    },
    ...(point === undefined ? {} : { point }),
  });
  closing.add("state store", () => state.close());
  const { retention, series: kind } = config.store;
  const series = await (kind.type === "influx"
    ? openInfluxSeries({ ...kind, retention, onFailure: failed })
    : openEmbeddedSeries({ folder: join(stateFolder, "series"), retention, onFailure: failed }));
  closing.add("series store", () => series.close());
  return { state, series };
}

/**
 * Brings the core to where the last commit stood, and shows each turn that this takes to `again`. Gives that commit's number
 * and the parts that had to start empty.
 */
export async function recoverCore(
  core: SiteCore,
  recovery: Recovery,
  again?: (turn: CommittedTurn) => Promise<void>,
): Promise<{ readonly journalSeq: number; readonly emptied: readonly string[] }> {
  const emptied = readable("the checkpoint", () => core.restore(recovery.checkpoint?.parts ?? new Map()));
  let journalSeq = recovery.checkpoint?.journalSeq ?? 0;
  for await (const row of recovery.journal()) {
    const tick = readable(`turn ${row.journalSeq} of the journal`, () => decodeTick(row.journal));
    core.turn(tick);
    await again?.({ ...row, facts: tick.observations.length });
    journalSeq = row.journalSeq;
  }
  return { journalSeq, emptied };
}

/** What the database keeps it does not check: a byte that changed on the disk shows when it is read, or never. */
function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new StateRefused(
      `${what} in state.db cannot be read (${said}): restore a backup of the state folder, or move state.db away to begin anew`,
      { cause },
    );
  }
}

/** Makes incident ids, and so dedup keys, unique over installations; made once, kept for ever. */
export async function installIdOf(state: Pick<StateStore, "get" | "set">): Promise<string> {
  const kept = await state.get("install-id");
  if (kept !== null) return kept;
  const made = `mt-${randomBytes(5).toString("hex")}`;
  await state.set("install-id", made);
  return made;
}
