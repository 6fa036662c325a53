import { attempt, type Engine, setting } from "./engine.ts";

const checkpointAfterBytes = 8 << 20;

/**
 * Write-ahead log with every commit synced: what was committed survives a power cut. The log is folded into the database
 * between calls, after the answer, instead of inside the commit that happens to fill it.
 */
export function useWal(engine: Engine): { wrote(bytes: number): void } {
  setting(engine, "journal_mode=WAL");
  engine.exec("PRAGMA synchronous=FULL");
  engine.exec("PRAGMA wal_autocheckpoint=0");
  engine.exec(`PRAGMA journal_size_limit=${4 * checkpointAfterBytes}`);
  let sinceBytes = 0;
  let due = false;
  const fold = (): void => {
    due = false;
    sinceBytes = 0;
    // Without room it stays in the log, which the next folding takes whole. What else is wrong, the next commit says: thrown
    // here, where nobody asked, it would end the thread, and with it the server.
    attempt(() => setting(engine, "wal_checkpoint(PASSIVE)"));
  };
  return {
    wrote(bytes) {
      sinceBytes += bytes;
      if (due || sinceBytes < checkpointAfterBytes) return;
      due = true;
      setImmediate(fold);
    },
  };
}
