import { InfluxDB } from "influx";
import { tiers } from "../../core/measurement.ts";
import { StoreUnavailable } from "../series.ts";
import { Late, meaningOf } from "./failure.ts";
import type { InfluxSettings } from "./settings.ts";

/** InfluxDB keeps nothing for less. */
const shortestSeconds = 3_600;

/** A connection that is known to have its database and retention policies. */
export interface InfluxSession {
  /** Runs one request; a failure is told as Refused or StoreUnavailable, and the next request begins afresh. */
  request<T>(what: string, action: (client: InfluxDB) => Promise<T>): Promise<T>;
  /** A short request that changes nothing. */
  ping(): Promise<void>;
}

/**
 * The `influx` package puts its only host on a penalty bench after a failure and answers "no host available" long after the
 * server is back. So a client that failed is thrown away, and the next one first makes sure that the server is InfluxDB and
 * has what we need: it may have been replaced by an empty one.
 */
export function openSession(settings: InfluxSettings): InfluxSession {
  let ready: Promise<InfluxDB> | null = null;

  const prepared = async (): Promise<InfluxDB> => {
    const client = newClient(settings);
    await prepare(client, settings);
    return client;
  };
  const request = async <T>(what: string, action: (client: InfluxDB) => Promise<T>): Promise<T> => {
    const mine = (ready ??= prepared());
    try {
      const client = await mine;
      return await withDeadline(action(client), settings.timeoutMs);
    } catch (error) {
      const meaning = meaningOf(error, what, settings);
      if (meaning instanceof StoreUnavailable && ready === mine) ready = null;
      throw meaning;
    }
  };
  return { request, ping: () => request("list its databases", (client) => client.queryRaw("SHOW DATABASES")) };
}

function newClient({ url, database, username, password, timeoutMs }: InfluxSettings): InfluxDB {
  const { hostname, port, protocol, pathname } = new URL(url);
  const secure = protocol === "https:";
  return new InfluxDB({
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (secure ? 443 : 80) : Number(port),
    protocol: secure ? "https" : "http",
    path: pathname,
    database,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    pool: { maxRetries: 0, requestTimeout: timeoutMs },
  });
}

/** Looks before it creates: an account that may only read and write does, where everything is already as it should be. */
async function prepare(client: InfluxDB, settings: InfluxSettings): Promise<void> {
  const { database, retention, timeoutMs } = settings;
  const present = await withDeadline(policiesOf(client, database), timeoutMs);
  for (const { name } of tiers) {
    const known = present.find((policy) => policy.name === name);
    const wantedSeconds = Math.max(shortestSeconds, Math.ceil(retention[name]));
    const options = { database, duration: `${wantedSeconds}s`, replication: 1, isDefault: false };
    if (known === undefined) await withDeadline(client.createRetentionPolicy(name, options), timeoutMs);
    else if (secondsOf(known.duration) !== wantedSeconds || known.replicaN !== 1) {
      // Creating one that exists with other values fails, so it is altered.
      await withDeadline(client.alterRetentionPolicy(name, { ...options, isDefault: known.default }), timeoutMs);
    }
  }
}

async function policiesOf(client: InfluxDB, database: string) {
  try {
    return await client.showRetentionPolicies(database);
  } catch (error) {
    if (!(error as Error).message.includes("database not found")) throw error;
    await client.createDatabase(database);
    return client.showRetentionPolicies(database);
  }
}

/** A Go duration as InfluxDB prints it, `168h0m0s`. */
export function secondsOf(duration: string): number {
  const unitSeconds: Record<string, number> = { h: 3600, m: 60, s: 1 };
  let seconds = 0;
  for (const [, amount, unit] of duration.matchAll(/([\d.]+)([hms])/g)) {
    seconds += Number(amount) * (unitSeconds[unit ?? ""] ?? 0);
  }
  return seconds;
}

/** The client's own time-out counts silence; an answer that trickles would never end. */
async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late()), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
