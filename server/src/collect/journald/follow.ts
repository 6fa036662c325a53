import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Seconds } from "@mailtide/shared";
import type { CollectorContext } from "../collector.ts";
import { type LinesRead, type LineWay, pause } from "../lines/line-way.ts";
import { JournalExport } from "./export.ts";
import { lineOfEntry } from "./entry.ts";
import { advanced, forgottenLines, type JournalPosition, positionOf } from "./position.ts";

export interface JournalOptions {
  readonly units: readonly string[];
  readonly lookback: Seconds;
  readonly command: readonly string[];
}

type Journalctl = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Follows the journal through `journalctl`, which knows its files, their rotation and who may read them. The position is
 * the cursor of the last entry: a restart goes on with the one behind it.
 */
export function followJournal(options: JournalOptions): LineWay {
  return {
    async run(hand, context, ended) {
      let position = positionOf(context.position);
      const keep = async (read: LinesRead, newest: string): Promise<void> => {
        const next = advanced(position, newest, read.lines.length);
        await hand({ ...read, position: next });
        position = next;
      };
      // Only what was forgotten while nobody looked can have been missed.
      let unchecked = position !== null;
      for (let pauseMs = firstPauseMs; !ended.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
        const startedMs = performance.now();
        if (unchecked && position !== null) {
          const oldest = await oldestCursor(options.command, ended);
          const lines = oldest === null ? 0 : forgottenLines(position, oldest);
          if (lines > 0 && oldest !== null) {
            // From there on, so that it is not counted again.
            position = { ...position, cursor: oldest, isNext: true };
            await hand({ lines: [], loss: { because: "rotated-away", lines }, position });
          }
          unchecked = oldest === null;
        }
        const problem = await follow(argumentsOf(options, position), keep, context, ended);
        if (ended.aborted) return;
        context.health("failing", problem);
        if (performance.now() - startedMs > longestPauseMs) pauseMs = firstPauseMs;
        await pause(pauseMs, ended);
      }
    },
  };
}

/** Until it ends; says why it did. */
async function follow(
  [program = "", ...rest]: readonly string[],
  keep: (read: LinesRead, cursor: string) => Promise<void>,
  context: CollectorContext,
  ended: AbortSignal,
): Promise<string> {
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const said = complaintsOf(child);
  const stop = (): void => void child.kill("SIGKILL");
  ended.addEventListener("abort", stop, { once: true });
  const closed = new Promise<string>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "ENOENT" ? `${program} is not installed` : error.message),
    );
    child.once("close", (code, signal) => resolve(said() ?? `${program} ended (${signal ?? code})`));
  });
  // One that cannot do its work ends within a moment.
  const alive = setInterval(() => {
    const complaint = said();
    if (complaint !== null) context.health("failing", complaint);
    else if (child.exitCode === null && child.pid !== undefined) context.health("ok", null);
  }, aliveMs);
  try {
    const journal = new JournalExport();
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      const entries = [...journal.push(chunk)];
      const { __CURSOR: cursor } = entries.at(-1) ?? {};
      if (cursor === undefined) continue;
      await keep({ lines: entries.flatMap((entry) => lineOfEntry(entry) ?? []) }, cursor);
    }
  } catch {
    // A pipe that breaks: the program's end tells why.
  } finally {
    clearInterval(alive);
    child.kill("SIGKILL");
  }
  ended.removeEventListener("abort", stop);
  return closed;
}

function argumentsOf({ units, lookback, command }: JournalOptions, position: JournalPosition | null): string[] {
  return [
    ...command,
    "--follow",
    "--no-pager",
    "--output=export",
    // The default shows the last ten entries first.
    "--no-tail",
    ...(units.length === 0 ? ["--facility=mail"] : units.map((unit) => `--unit=${unit}`)),
    position === null
      ? `--since=-${Math.ceil(lookback)}s`
      : `--${position.isNext === true ? "cursor" : "after-cursor"}=${position.cursor}`,
  ];
}

/** What it says beside the journal; without permission it goes on and shows less. */
function complaintsOf(child: Journalctl): () => string | null {
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(-longestComplaint);
  });
  return () => {
    const words = text.replace(/\s+/g, " ").trim();
    if (/not seeing messages|insufficient permissions|permission denied/i.test(words))
      return "the journal may not be read: this user must be in the group systemd-journal or adm";
    return words === "" ? null : `journalctl says: ${words}`;
  };
}

/** Of the oldest entry that the journal still has; null when it has none or may not be read. */
async function oldestCursor([program = "", ...rest]: readonly string[], ended: AbortSignal): Promise<string | null> {
  const child = spawn(program, [...rest, "--no-pager", "--output=export"], { stdio: ["ignore", "pipe", "ignore"] });
  const stop = (): void => void child.kill("SIGKILL");
  const giveUp = setTimeout(stop, longestLookMs);
  ended.addEventListener("abort", stop, { once: true });
  child.once("error", () => undefined);
  try {
    const journal = new JournalExport();
    for await (const chunk of child.stdout as AsyncIterable<Buffer>)
      for (const { __CURSOR: cursor } of journal.push(chunk)) if (cursor !== undefined) return cursor;
  } catch {
    // As if there were none.
  } finally {
    clearTimeout(giveUp);
    ended.removeEventListener("abort", stop);
    stop();
  }
  return null;
}

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
const aliveMs = 1_000;
const longestComplaint = 1_000;
const longestLookMs = 10_000;
