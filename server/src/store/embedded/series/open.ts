import { writeInBatches } from "../../batches.ts";
import type { StoreFailed } from "../../errors.ts";
import { type Retention, defaultRetention } from "../../retention.ts";
import { rowsOf } from "../../rows.ts";
import type { SeriesStore } from "../../series.ts";
import { startRemote } from "../../worker/remote.ts";
import type { SeriesReaderApi } from "./series-reader-worker.ts";
import type { SeriesWriterApi } from "./series-writer-worker.ts";

export interface EmbeddedSeriesOptions {
  /** Created when missing; holds `series.db` and its lock. */
  readonly folder: string;
  readonly retention?: Retention;
  /** Distinct series that a measurement may have at a time; points of further ones are dropped and counted. Default 20,000. */
  readonly seriesLimit?: number;
  /** A thread died: nothing can be stored or read any more. */
  readonly onFailure?: (error: StoreFailed) => void;
}

/** The series store on the embedded engine: one thread writes, one reads. Rejects with StateRefused when it may not be used. */
export async function openEmbeddedSeries(options: EmbeddedSeriesOptions): Promise<SeriesStore> {
  const { folder, retention = defaultRetention, seriesLimit = 20_000, onFailure } = options;
  const what = "the embedded series store";
  const writer = startRemote<SeriesWriterApi>(import.meta.url, "series-writer-worker", { what, onFailure });
  const reader = startRemote<SeriesReaderApi>(import.meta.url, "series-reader-worker", { what, onFailure });
  try {
    await writer.call("open", folder, retention, seriesLimit);
    await reader.call("open", folder);
  } catch (error) {
    await Promise.all([writer.stop(), reader.stop()]);
    throw error;
  }
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await reader.call("close").catch(() => {});
    await writer.call("close").catch(() => {});
    await Promise.all([writer.stop(), reader.stop()]);
  };
  return {
    write: (tier, points) => writeInBatches(tier, points, (each, text) => writer.call("write", each, text)),
    read: async (query) => rowsOf(await reader.call("read", query)),
    expire: (nowMs) => writer.call("expire", nowMs),
    ping: () => writer.call("ping"),
    close: () => (closing ??= close()),
  };
}
