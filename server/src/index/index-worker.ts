import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EpochMs, Seconds } from "@mailtide/shared";
import { decodeTick } from "../flow/journal.ts";
import { attempt, type Engine, openEngine, transaction } from "../store/embedded/engine.ts";
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
}

/** In one turn so many more than came may be forgotten. */
const leastForgotten = 2_000;

/** What people wrote must not stay in a copy beyond its time. */
const uncopied = { copies: false } as const;

type Opened = ReturnType<typeof open>;
let opened: Opened | undefined;

function open(folder: string, keepSeconds: Seconds, maxBytes: number) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "index.db");
  const { engine, putAside } = openSound(path);
  const wal = useWal(engine);
  // A turn that a power cut takes is in the journal still.
  engine.exec("PRAGMA synchronous=NORMAL");
  engine.exec("PRAGMA cache_size=-32768");
  engine.exec("PRAGMA secure_delete=FAST");
  const table = new HopTable(engine);
  return { engine, wal, table, follower: new Follower(table), keepSeconds, maxBytes, putAside };
}

/** It holds nothing that the mail needs: one that is damaged is put aside, and a new one begun. */
function openSound(path: string): { readonly engine: Engine; readonly putAside: string | null } {
  let engine = openEngine(path);
  try {
    migrate(engine, path, migrations, uncopied);
    return { engine, putAside: null };
  } catch (error) {
    attempt(() => engine.close());
    const { code } = error as { code?: unknown };
    if (code !== "SQLITE_NOTADB" && code !== "SQLITE_CORRUPT") throw error;
  }
  const aside = `${path}.damaged`;
  rmSync(aside, { force: true });
  renameSync(path, aside);
  for (const end of ["-wal", "-shm"]) if (existsSync(path + end)) rmSync(path + end);
  engine = openEngine(path);
  migrate(engine, path, migrations, uncopied);
  return { engine, putAside: aside };
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
    opened = open(folder, keepSeconds, maxBytes);
    return { lastSeq: opened.table.lastSeq, putAside: opened.putAside };
  },
  /** The state was put back to an earlier one: its next turns are new ones. */
  rewind(seq: number): void {
    const { table } = use();
    if (table.lastSeq > seq) table.lastSeq = seq;
  },
  take(seq: number, journal: Uint8Array): TurnTaken {
    const { engine, wal, table, follower, keepSeconds, maxBytes } = use();
    const { nowMs, observations } = decodeTick(journal);
    let forgotten = { forAge: 0, forRoom: 0 };
    try {
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
    } catch (error) {
      follower.hops.clear();
      throw error;
    }
    const bytes = table.usedBytes();
    return { ...table.extent(), bytes, ...forgotten, unmatchedPasses: follower.passes.unmatched };
  },
  find: (query: IndexQuery): IndexAnswer => search(use().table, query),
  close(): void {
    use().engine.close();
    opened = undefined;
  },
};
export type IndexApi = typeof api;

serve(api);
