import type { ProbeDetails } from "../../../core/observation.ts";

/** What INFO says (Redis documentation, "INFO"); a field that a version lacks is left out. */
export interface RedisInfo {
  text(key: string): string | undefined;
  number(key: string): number | undefined;
}

export function readInfo(text: string): RedisInfo {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/u)) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return {
    text: (key) => fields.get(key),
    number(key) {
      const value = fields.get(key);
      return value !== undefined && /^-?\d+$/u.test(value) ? Number(value) : undefined;
    },
  };
}

const given = <Key extends string>(key: Key, value: number | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: number };

export function detailsOf(info: RedisInfo): ProbeDetails {
  const used = info.number("used_memory");
  const most = info.number("maxmemory");
  return {
    ...given("connectionsUsed", info.number("connected_clients")),
    ...given("connectionsMax", info.number("maxclients")),
    ...given("memoryShare", used === undefined || most === undefined || most === 0 ? undefined : used / most),
    ...given("blockedClients", info.number("blocked_clients")),
    ...given("replicationLagSeconds", lagOf(info)),
  };
}

/**
 * A replica: since it last heard its master, or since it lost it (the master pings every ten seconds, `repl-ping-replica-period`).
 * A master: since the slowest replica last said how far it is (each says so every second).
 */
function lagOf(info: RedisInfo): number | undefined {
  if (info.text("role") === "slave") {
    const seconds = info.number("master_link_down_since_seconds") ?? info.number("master_last_io_seconds_ago");
    return seconds === undefined || seconds < 0 ? undefined : seconds;
  }
  const lags = replicasOf(info).map(({ lagSeconds }) => lagSeconds);
  return lags.length === 0 ? undefined : Math.max(...lags);
}

interface Replica {
  readonly where: string;
  readonly lagSeconds: number;
}
const mostReplicas = 50;

/** `slave0:ip=10.0.0.7,port=6379,state=online,offset=14,lag=1`. */
function replicasOf(info: RedisInfo): Replica[] {
  const replicas: Replica[] = [];
  for (let at = 0; at < mostReplicas; at += 1) {
    const line = info.text(`slave${at}`);
    if (line === undefined) break;
    const parts = new Map(line.split(",").map((part) => part.split("=") as [string, string]));
    const lagSeconds = Number(parts.get("lag"));
    if (Number.isFinite(lagSeconds))
      replicas.push({ where: `${parts.get("ip") ?? ""}:${parts.get("port") ?? ""}`, lagSeconds });
  }
  return replicas;
}

/** Why copies are not what they should be; null when they are. */
export function replicationProblem(info: RedisInfo, maxLagSeconds: number | null): string | null {
  if (info.text("role") === "slave" && info.text("master_link_status") === "down") {
    const seconds = info.number("master_link_down_since_seconds") ?? -1;
    if (info.number("master_sync_in_progress") === 1)
      return "the replica copies its master anew and is behind until then";
    return `the replica has lost its master${seconds < 0 ? "" : ` for ${seconds} s`}`;
  }
  if (maxLagSeconds === null) return null;
  const lag = lagOf(info) ?? 0;
  if (lag <= maxLagSeconds) return null;
  if (info.text("role") === "slave") return `the replica has heard nothing of its master for ${lag} s`;
  const [worst] = replicasOf(info).sort((a, b) => b.lagSeconds - a.lagSeconds);
  return `the replica at ${worst?.where ?? "?"} has said nothing for ${lag} s`;
}

const nearlyFull = 0.95;

/** What will refuse writes, or lose them, though all is answered yet; null when nothing will. */
export function concernOf(info: RedisInfo): string | null {
  if (info.text("rdb_last_bgsave_status") === "err") return "its last snapshot failed: a restart loses what came since";
  if (info.text("aof_last_write_status") === "err") return "it could not append to its file: it refuses writes";
  const { memoryShare } = detailsOf(info);
  if (memoryShare !== undefined && memoryShare >= nearlyFull && info.text("maxmemory_policy") === "noeviction")
    return `${Math.floor(memoryShare * 100)} % of its memory is used and nothing may be evicted: then it refuses writes`;
  return null;
}
