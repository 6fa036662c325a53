import type { EpochMs } from "@mailtide/shared";
import type { Agenda } from "./agenda.ts";
import { codePushMs, databaseBackMs, databaseHungMs, databaseSlowdown } from "./day.ts";
import type { Random } from "./random.ts";
import type { TextFile } from "./engine/text-file.ts";

export const dependencies = [
  { id: "mail-db", type: "postgres" },
  { id: "resolver", type: "dns" },
  { id: "scan-filter", type: "filter" },
] as const;

/** What the database's clients are doing at an instant, by the story of the day. */
interface Sessions {
  readonly connectionsUsed: number;
  readonly blocked: readonly { session: string; blockedBy: string[]; seconds: number; statement: string }[];
  readonly ddl: readonly { session: string; statement: string; seconds: number; granted: boolean }[];
  readonly longestTransactionSeconds: number;
}

const connectionsMax = 200;
const probeEveryMs = 5_000;
/** A probe gives up here. */
const deadlineSeconds = 5;

/** Writes one row a probe: the database every five seconds, the rest every ten. */
export function startProbes(agenda: Agenda, random: Random, file: TextFile): void {
  const say = (row: object) => file.line(JSON.stringify(row));
  every(agenda, probeEveryMs, () => say(database(agenda.nowMs, random)));
  every(agenda, 2 * probeEveryMs, () => say(fine(agenda.nowMs, "resolver", "dns", random.lognormal(0.004, 0.5))));
  every(agenda, 2 * probeEveryMs, () => say(fine(agenda.nowMs, "scan-filter", "filter", random.lognormal(0.012, 0.6))));
}

const fine = (atMs: EpochMs, id: string, type: string, latencySeconds: number) => ({
  at: iso(atMs),
  id,
  type,
  ok: true,
  latencySeconds: round(latencySeconds),
});

function database(atMs: EpochMs, random: Random): object {
  const head = { at: iso(atMs), id: "mail-db", type: "postgres" };
  const hung = atMs >= databaseHungMs && atMs < databaseBackMs;
  // Even a database that hangs answers now and then.
  if (hung && random.unit() > 0.03) {
    return { ...head, ok: false, latencySeconds: deadlineSeconds, error: `no answer within ${deadlineSeconds} s` };
  }
  const sessions = sessionsAt(atMs, random);
  const querySeconds = Math.min(
    deadlineSeconds * 0.9,
    random.lognormal(0.0008, 0.4) * Math.sqrt(databaseSlowdown(atMs)),
  );
  const connectSeconds = random.lognormal(0.003, 0.4) * (sessions.blocked.length > 0 ? 8 : 1);
  return {
    ...head,
    ok: true,
    latencySeconds: round(connectSeconds + querySeconds),
    details: {
      connectSeconds: round(connectSeconds),
      querySeconds: round(querySeconds),
      connectionsUsed: sessions.connectionsUsed,
      connectionsMax,
      lockWaits: sessions.blocked.length,
      longestWaitSeconds: Math.max(0, ...sessions.blocked.map(({ seconds }) => seconds)),
      blocked: sessions.blocked.slice(0, 20),
      ddl: sessions.ddl,
      longestTransactionSeconds: round(sessions.longestTransactionSeconds),
    },
  };
}

function sessionsAt(atMs: EpochMs, random: Random): Sessions {
  const seconds = Math.round((atMs - codePushMs) / 1000);
  if (atMs < codePushMs || atMs >= databaseBackMs) {
    return {
      connectionsUsed: 38 + random.below(9),
      blocked: [],
      ddl: [],
      longestTransactionSeconds: random.lognormal(1.5, 0.8),
    };
  }
  // The drop waits behind a report that began before it; every later reader waits behind the drop.
  const drop = { session: "41873", statement: "DROP TABLE scan_results_test", seconds, granted: false };
  const readers = Math.min(connectionsMax - 48, 1 + Math.floor(seconds * 0.6));
  const blocked = [
    { session: drop.session, blockedBy: ["40112"], seconds, statement: drop.statement },
    ...Array.from({ length: readers }, (_, index) => ({
      session: String(41_900 + index * 3),
      blockedBy: [drop.session],
      seconds: Math.max(0, seconds - Math.floor(index / 0.6)),
      statement: "SELECT verdict FROM scan_results WHERE digest = ?",
    })),
  ];
  return {
    connectionsUsed: Math.min(connectionsMax - 3, 45 + readers),
    blocked,
    ddl: [drop],
    longestTransactionSeconds: seconds + 340,
  };
}

function every(agenda: Agenda, stepMs: number, what: () => void): void {
  const next = () => {
    what();
    agenda.at(agenda.nowMs + stepMs, next);
  };
  agenda.at(agenda.nowMs, next);
}

const iso = (atMs: EpochMs) => new Date(atMs).toISOString();
const round = (seconds: number) => Math.round(seconds * 100_000) / 100_000;
