import { type Engine, setting } from "./engine.ts";

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
    setting(engine, "wal_checkpoint(PASSIVE)");
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
