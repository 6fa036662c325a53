import type { Logger } from "../../observe/logger.ts";
import type { KeyValue } from "../settings.ts";

/** One small JSON document in the state store. This process is its only writer: what is in memory is the truth. */
export interface Saved<T> {
  /** Resolves when the newest value is durable; values written meanwhile are skipped over. */
  save(value: T): Promise<void>;
  /** For what may be lost in a crash: failures are logged, nobody waits. */
  saveSoon(value: T): void;
}

export async function loadSaved<T>(
  state: KeyValue,
  key: string,
  read: (json: unknown) => T,
  logger: Logger,
): Promise<{ readonly value: T; readonly saved: Saved<T> }> {
  const text = await state.get(key);
  let newest: T;
  let writing: Promise<void> | null = null;
  let queued: Promise<void> | null = null;

  function save(value: T): Promise<void> {
    newest = value;
    if (writing === null) return write();
    // One write runs, one waits and takes whatever is newest by then.
    queued ??= writing.catch(() => {}).then(write);
    return queued;
  }
  async function write(): Promise<void> {
    queued = null;
    writing = state.set(key, JSON.stringify(newest));
    try {
      await writing;
    } finally {
      writing = null;
    }
  }
  return {
    value: read(text === null ? null : JSON.parse(text)),
    saved: {
      save,
      saveSoon: (value) =>
        void save(value).catch((error: unknown) => logger.warn("could not save access data", { key, error })),
    },
  };
}
