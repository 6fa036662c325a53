import type { EpochMs } from "@mailtide/shared";
import { lineReader } from "../collect/readers.ts";
import { openPlain } from "../collect/tail/plain-file.ts";
import type { MailEvent } from "../core/event.ts";

export interface LogFile {
  readonly node: string;
  /** `postfix-log` and the like. */
  readonly type: string;
  readonly path: string;
  /** Where what is rotated of it is looked for beside its own folder. */
  readonly olddir?: string;
  /** IANA zone that its times are read in where they state none. */
  readonly zone: string;
}
/** The end of a log, read as the collector of the node would. */
export interface LogTail extends LogFile {
  readonly bytes: number;
  readonly changedAtMs: EpochMs;
  /** Whole lines, at most the last 256 KiB; hostile. */
  readonly lines: readonly string[];
  readonly events: readonly MailEvent[];
}

const tailBytes = 256 << 10;

/** Null when the file cannot be read: that its collector says. */
export async function readLogTail(file: LogFile): Promise<LogTail | null> {
  try {
    const { handle, stats } = await openPlain(file.path);
    try {
      const { size, mtimeMs } = stats;
      const start = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, tailBytes)), 0, undefined, start);
      const text = buffer.toString("utf8", 0, bytesRead);
      const whole = text.slice(start === 0 ? 0 : text.indexOf("\n") + 1);
      return logTail(file, size, mtimeMs, whole);
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

export function logTail(file: LogFile, bytes: number, changedAtMs: EpochMs, text: string): LogTail {
  const lines = text.split("\n").filter((line) => line !== "");
  const year = new Date(changedAtMs).getUTCFullYear();
  const read = lineReader(file.type.replace(/-log$/, ""), { zone: file.zone, year });
  return { ...file, bytes, changedAtMs, lines, events: read === null ? [] : lines.map(read) };
}
