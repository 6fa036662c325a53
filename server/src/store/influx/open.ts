import { writeInBatches } from "../batches.ts";
import type { StoreFailed } from "../errors.ts";
import { type Retention, defaultRetention } from "../retention.ts";
import { rowsOf } from "../rows.ts";
import type { SeriesStore } from "../series.ts";
import { startRemote } from "../worker/remote.ts";
import type { InfluxApi } from "./influx-worker.ts";

export interface InfluxSeriesOptions {
  /** `http://host:8086`, or https. */
  readonly url: string;
  /** Created when missing, with one retention policy a tier, named as the tier. */
  readonly database: string;
  readonly username?: string | undefined;
  readonly password?: { reveal(): string } | undefined;
  /** InfluxDB keeps at least an hour. */
  readonly retention?: Retention;
  /** For each request. Default 15,000. */
  readonly timeoutMs?: number;
  /** The client's thread died: nothing can be stored or read any more. */
  readonly onFailure?: (error: StoreFailed) => void;
}

/**
 * The series store on InfluxDB 1.x (InfluxQL over HTTP). Opening does not need the server: it may be away at start as at any
 * other time, and every call then rejects with StoreUnavailable. InfluxDB itself deletes what retention no longer keeps.
 */
export async function openInfluxSeries(options: InfluxSeriesOptions): Promise<SeriesStore> {
  const { url, database, username, password, retention = defaultRetention, timeoutMs = 15_000, onFailure } = options;
  const remote = startRemote<InfluxApi>(import.meta.url, "influx-worker", { what: "the InfluxDB store", onFailure });
  try {
    const secrets = { username: username ?? null, password: password?.reveal() ?? null };
    await remote.call("open", { url, database, ...secrets, retention, timeoutMs });
  } catch (error) {
    await remote.stop();
    throw error;
  }
  return {
    write: (tier, points) => writeInBatches(tier, points, (each, text) => remote.call("write", each, text)),
    read: async (query) => rowsOf(await remote.call("read", query)),
    expire: async () => {},
    ping: () => remote.call("ping").then(() => {}),
    close: () => remote.stop(),
  };
}
