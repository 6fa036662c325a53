import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Seconds } from "@mailtide/shared";
import { startRemote } from "../store/worker/remote.ts";
import type { IndexApi, TurnTaken } from "./index-worker.ts";
import type { IndexFigures, MessageIndex } from "./message-index.ts";

export interface MessageIndexOptions {
  /** Holds `index.db`; created when missing. */
  readonly folder: string;
  /** 0: nothing is kept, and what was kept before is deleted. */
  readonly keepSeconds: Seconds;
  readonly maxBytes: number;
  /** What may wait for the index' thread. Default 64 MiB of journal. */
  readonly maxWaitingBytes?: number;
  /** Told once a trouble, and again when it is over (null). */
  readonly trouble?: (problem: string | null) => void;
}

/** The last turn that it has: those after it are to be given to it again at a recovery. */
export interface OpenedIndex extends MessageIndex {
  readonly lastSeq: number;
  /** To be called once the state stands: its turns after `journalSeq`, if the index knows any, were another life's. */
  rewind(journalSeq: number): Promise<void>;
  /** When as little waits that another turn can be taken without loss. */
  room(): Promise<void>;
  /** When what was given to it until now is stored, or lost: then a checkpoint may forget it. */
  settled(): Promise<void>;
}

/** The index on the embedded engine, in a file and a thread of its own: mail is never late for it. */
export async function openMessageIndex(options: MessageIndexOptions): Promise<OpenedIndex | null> {
  if (options.keepSeconds <= 0) {
    for (const end of ["", "-wal", "-shm", ".damaged"]) rmSync(join(options.folder, `index.db${end}`), { force: true });
    return null;
  }
  const { folder, keepSeconds, maxBytes, maxWaitingBytes = 64 << 20, trouble } = options;
  let problem: string | null = null;
  const say = (text: string | null): void => {
    if (text === problem) return;
    problem = text;
    trouble?.(text);
  };
  const remote = startRemote<IndexApi>(import.meta.url, "index-worker", {
    what: "the message index",
    onFailure: ({ message }) => say(message),
  });
  const { lastSeq, putAside } = await remote
    .call("open", folder, keepSeconds, maxBytes)
    .catch(async (error: unknown) => {
      await remote.stop();
      throw error;
    });
  const sayAnew = (aside: string): void =>
    say(`the message index was damaged and begins anew; the old one is ${aside}`);
  if (putAside !== null) sayAnew(putAside);

  let last: Pick<TurnTaken, "hops" | "bytes" | "oldestMs" | "unmatchedPasses"> = {
    hops: 0,
    bytes: 0,
    oldestMs: null,
    unmatchedPasses: 0,
  };
  let forgottenForAge = 0;
  let forgottenForRoom = 0;
  let lostFacts = 0;
  let waitingBytes = 0;
  let idle: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;

  const given = async (journalSeq: number, journal: Uint8Array, facts: number): Promise<void> => {
    try {
      const taken = await remote.callMoving([journal.buffer as ArrayBuffer], "take", journalSeq, journal);
      last = taken;
      forgottenForAge += taken.forAge;
      forgottenForRoom += taken.forRoom;
      if (taken.putAside !== null) sayAnew(taken.putAside);
      say(null);
    } catch (error) {
      lostFacts += facts;
      if (closing === undefined) say((error as Error).message);
    }
  };
  return {
    lastSeq,
    rewind: (journalSeq) => remote.call("rewind", journalSeq),
    take({ journalSeq, facts, journal }) {
      const bytes = journal.byteLength;
      if (closing !== undefined || waitingBytes + bytes > maxWaitingBytes) {
        lostFacts += facts;
        return;
      }
      waitingBytes += bytes;
      idle = given(journalSeq, new Uint8Array(journal), facts).then(() => {
        waitingBytes -= bytes;
      });
    },
    async room() {
      if (waitingBytes > maxWaitingBytes / 2) await idle;
    },
    settled: () => idle,
    find: (query) => remote.call("find", query),
    figures: (): IndexFigures => ({ ...last, forgottenForAge, forgottenForRoom, lostFacts, problem }),
    close() {
      closing ??= idle
        .then(() => remote.call("close"))
        .catch(() => {})
        .then(() => remote.stop());
      return closing;
    },
  };
}
