import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EpochMs, Seconds } from "@mailtide/shared";
import { decodeTick } from "../flow/journal.ts";
import { attempt, openEngine, transaction } from "../store/embedded/engine.ts";
import { migrate } from "../store/embedded/migrate.ts";
import { useWal } from "../store/embedded/wal.ts";
import { StoreFailed } from "../store/errors.ts";
import { serve } from "../store/worker/serve.ts";
import { Follower } from "./follower.ts";
import type { IndexAnswer, IndexQuery } from "./message-index.ts";
import { migrations } from "./schema.ts";
import { search } from "./search.ts";
import { HopTable } from "./table.ts";

/** The index' database and the only thread that touches it. */
export interface TurnTaken {
  readonly hops: number;
  readonly bytes: number;
  readonly oldestMs: EpochMs | null;
  readonly forAge: number;
  readonly forRoom: number;
  /** Since the index was opened. */
  readonly unmatchedPasses: number;
  /** Where the index was put, when this turn found it damaged and began a new one. */
  readonly putAside: string | null;
}

/** In one turn so many more than came may be forgotten. */
const leastForgotten = 2_000;

/** What people wrote must not stay in a copy beyond its time. */
const uncopied = { copies: false } as const;

type Opened = ReturnType<typeof openAt>;
let opened: Opened | undefined;

/** It holds nothing that the mail needs: one that is damaged is put aside, and a new one begun. */
function open(folder: string, keepSeconds: Seconds, maxBytes: number): Opened & { readonly putAside: string | null } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "index.db");
  try {
    return { ...openAt(path, keepSeconds, maxBytes), putAside: null };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const putAside = putAway(path);
    return { ...openAt(path, keepSeconds, maxBytes), putAside };
  }
}

function openAt(path: string, keepSeconds: Seconds, maxBytes: number) {
  const engine = openEngine(path);
  try {
    migrate(engine, path, migrations, uncopied);
    const wal = useWal(engine);
    // A turn that a power cut takes is in the journal still.
    engine.exec("PRAGMA synchronous=NORMAL");
    engine.exec("PRAGMA cache_size=-32768");
    engine.exec("PRAGMA secure_delete=FAST");
    const table = new HopTable(engine);
    return { path, engine, wal, table, follower: new Follower(table), keepSeconds, maxBytes };
  } catch (error) {
    attempt(() => engine.close());
    throw error;
  }
}

function putAway(path: string): string {
  const aside = `${path}.damaged`;
  rmSync(aside, { force: true });
  renameSync(path, aside);
  for (const end of ["-wal", "-shm"]) if (existsSync(path + end)) rmSync(path + end);
  return aside;
}

function isDamage(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^SQLITE_(?:NOTADB|CORRUPT)/.test(code);
}

function use(): Opened {
  if (opened === undefined) throw new StoreFailed("the message index is not open");
  return opened;
}

const api = {
  /** Gives the number of the last turn that it has, and where a damaged one was put. */
  open(
    folder: string,
    keepSeconds: Seconds,
    maxBytes: number,
  ): { readonly lastSeq: number; readonly putAside: string | null } {
    const { putAside, ...sound } = open(folder, keepSeconds, maxBytes);
    opened = sound;
    return { lastSeq: opened.table.lastSeq, putAside };
  },
  /** The state was put back to an earlier one: its next turns are new ones. */
  rewind(seq: number): void {
    const { table } = use();
    if (table.lastSeq > seq) table.lastSeq = seq;
  },
  take(seq: number, journal: Uint8Array): TurnTaken {
    const used = use();
    try {
      return { ...takeInto(used, seq, journal), putAside: null };
    } catch (error) {
      used.follower.hops.clear();
      if (!isDamage(error)) throw error;
      // Damage in its midst shows only to who comes there, and would lose every turn that does.
      const { path, keepSeconds, maxBytes, engine } = used;
      opened = undefined;
      attempt(() => engine.close());
      const putAside = putAway(path);
      opened = openAt(path, keepSeconds, maxBytes);
      return { ...takeInto(opened, seq, journal), putAside };
    }
  },
  find: (query: IndexQuery): IndexAnswer => search(use().table, query),
  close(): void {
    use().engine.close();
    opened = undefined;
  },
};
export type IndexApi = typeof api;

function takeInto(used: Opened, seq: number, journal: Uint8Array): Omit<TurnTaken, "putAside"> {
  const { engine, wal, table, follower, keepSeconds, maxBytes } = used;
  const { nowMs, observations } = decodeTick(journal);
  let forgotten = { forAge: 0, forRoom: 0 };
  if (seq > table.lastSeq) {
    for (const observation of observations) if (observation.kind === "log") follower.apply(observation, nowMs);
    transaction(engine, () => {
      const changed = follower.hops.takeChanged();
      table.save(changed);
      if (follower.passes.match(nowMs)) table.save(follower.hops.takeChanged());
      forgotten = table.forget(nowMs - keepSeconds * 1_000, maxBytes, leastForgotten + 2 * changed.length);
      table.lastSeq = seq;
    });
    wal.wrote(journal.byteLength * 8 + forgotten.forAge * 2_000 + forgotten.forRoom * 2_000);
  }
  const bytes = table.usedBytes();
  return { ...table.extent(), bytes, ...forgotten, unmatchedPasses: follower.passes.unmatched };
}

serve(api);
