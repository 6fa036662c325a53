import { join } from "node:path";
import type { EpochMs } from "@mailtide/shared";
import { StoreFailed } from "../../errors.ts";
import type { Settlement } from "../../state.ts";
import { serve } from "../../worker/serve.ts";
import { attempt, openEngine, transaction } from "../engine.ts";
import { lockFolder, makeStateFolder } from "../lock.ts";
import { checkSound, migrate } from "../migrate.ts";
import { useWal } from "../wal.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { openJournal } from "./journal.ts";
import { migrations } from "./migrations.ts";
import { type AuditEntry, openNotes } from "./notes.ts";
import { openOutbox } from "./outbox.ts";
import { type SpoolEntry, openSpool } from "./spool.ts";

/** The state database and the only thread that touches it. */
export interface PlainCommit {
  readonly journalSeq: number;
  readonly nowMs: EpochMs;
  readonly journal: Uint8Array;
  readonly positions: readonly (readonly [collector: string, position: string])[];
  readonly spool: readonly SpoolEntry[];
  readonly notifications: readonly { readonly notifier: string; readonly dedupKey: string; readonly effect: string }[];
}

type Opened = ReturnType<typeof open>;
let opened: Opened | undefined;

function open(folder: string, spoolLimitBytes: number) {
  makeStateFolder(folder);
  const lock = lockFolder(folder, "state");
  const path = join(folder, "state.db");
  const engine = openEngine(path);
  try {
    checkSound(engine, path);
    const wal = useWal(engine);
    migrate(engine, path, migrations);
    const journal = openJournal(engine);
    const checkpoint = openCheckpoint(engine);
    const outbox = openOutbox(engine);
    const spool = openSpool(engine, spoolLimitBytes);
    return { engine, lock, wal, journal, checkpoint, outbox, spool, notes: openNotes(engine) };
  } catch (error) {
    attempt(() => engine.close());
    lock.release();
    throw error;
  }
}

function use(): Opened {
  if (opened === undefined) throw new StoreFailed("the state store is not open");
  return opened;
}

const api = {
  open(folder: string, spoolLimitBytes: number): void {
    opened = open(folder, spoolLimitBytes);
  },
  commit(turn: PlainCommit): void {
    const { engine, wal, journal, spool, outbox } = use();
    try {
      transaction(engine, () => {
        if (!journal.append(turn.journalSeq, turn.journal)) return;
        for (const [collector, position] of turn.positions) journal.move(collector, position);
        for (const entry of turn.spool) spool.add(entry);
        for (const { notifier, dedupKey, effect } of turn.notifications) {
          outbox.add(notifier, dedupKey, effect, turn.nowMs);
        }
      });
    } catch (error) {
      spool.recount();
      throw error;
    }
    wal.wrote(turn.journal.byteLength + turn.spool.reduce((sum, { text }) => sum + text.length, 8_192));
  },

  checkpointHead: () => use().checkpoint.head(),
  checkpointChunkAfter: (id: number) => use().checkpoint.chunkAfter(id),
  positions: () => use().journal.positions(),
  journalPage: (afterSeq: number) => use().journal.page(afterSeq),

  nextGeneration: () => use().checkpoint.nextGeneration(),
  stage(generation: number, part: string, format: number, text: string): void {
    use().checkpoint.stage(generation, part, format, text);
    use().wal.wrote(text.length);
  },
  makeValid: (generation: number, journalSeq: number, nowMs: EpochMs) =>
    use().checkpoint.makeValid(generation, { journalSeq, nowMs }),
  sweep(): boolean {
    use().wal.wrote(1 << 20);
    return use().checkpoint.sweep();
  },

  dueNotifications: (notifier: string, nowMs: EpochMs, limit: number) => use().outbox.due(notifier, nowMs, limit),
  settle(id: number, settlement: Settlement): void {
    const { engine, outbox, wal } = use();
    transaction(engine, () => outbox.settle(id, settlement));
    wal.wrote(16_384);
  },
  outboxSummary: () => use().outbox.summary(),

  spooled: (limit: number) => use().spool.take(limit),
  forgetSpooled(throughId: number): void {
    use().spool.forget(throughId);
    use().wal.wrote(65_536);
  },
  spoolSummary: () => use().spool.summary(),

  get: (key: string) => use().notes.get(key),
  set(key: string, value: string | null): void {
    use().notes.set(key, value);
    use().wal.wrote(8_192);
  },
  audit(entry: AuditEntry): void {
    const { engine, notes, wal } = use();
    transaction(engine, () => notes.audit(entry));
    wal.wrote(8_192);
  },
  close(): void {
    const { engine, lock } = use();
    opened = undefined;
    engine.close();
    lock.release();
  },
};
export type StateApi = typeof api;

serve(api);
