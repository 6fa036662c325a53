import { spawn } from "node:child_process";
import { once } from "node:events";
import type { QueueEntry } from "../../../core/observation.ts";
import { createSlicer } from "../../queue/slice.ts";
import { LineSplitter } from "../../tail/split.ts";

/**
 * Runs `postqueue -j` and hands over its entries one by one, in memory that does not grow with the queue and without
 * holding the event loop. Returns how many lines were no entry. Rejects when the program cannot run, fails or is aborted;
 * an aborted one is killed.
 */
export async function listQueue(
  command: readonly string[],
  signal: AbortSignal,
  take: (entry: QueueEntry) => void,
): Promise<{ readonly garbled: number }> {
  const [program = "postqueue", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    // Ordinary users often have no sbin in their path.
    env: { ...process.env, LC_ALL: "C", PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` },
    signal,
    killSignal: "SIGKILL",
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-longestComplaint);
  });
  const ended = once(child, "close") as Promise<[code: number | null, ended: NodeJS.Signals | null]>;
  // Awaited only after the output has been read; a program that cannot start fails before that.
  ended.catch(() => undefined);

  const splitter = new LineSplitter(longestEntryBytes);
  const slice = createSlicer();
  let garbled = 0;
  const takeLine = (bytes: Buffer): void => {
    const entry = parseEntry(bytes.toString("utf8"));
    if (entry !== undefined) take(entry);
    else if (bytes.length > 0) garbled += 1;
  };
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      for (const { bytes } of splitter.push(chunk)) {
        takeLine(bytes);
        const pause = slice();
        if (pause !== undefined) await pause;
      }
    }
  } finally {
    if (child.exitCode === null && child.signalCode === null && signal.aborted) child.kill("SIGKILL");
  }
  const last = splitter.finish();
  if (last !== undefined) takeLine(last.bytes);
  const [code, killed] = await ended;
  if (code !== 0) throw new Error(`${command.join(" ")}: ${complaint.trim() || `ended with ${code ?? killed}`}`);
  return { garbled };
}

/** One line of postqueue(1) -j; undefined when it is none. Of an over-long line the recipients are let go. */
export function parseEntry(line: string): QueueEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const recipients = line.indexOf('"recipients": [');
    if (recipients < 0 || line.length < longestEntryBytes / 4) return undefined;
    try {
      value = JSON.parse(`${line.slice(0, recipients)}"recipients": []}`);
    } catch {
      return undefined;
    }
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { queue_name, queue_id, arrival_time, message_size, sender, recipients } = value as Record<string, unknown>;
  if (typeof queue_name !== "string" || typeof queue_id !== "string" || typeof arrival_time !== "number")
    return undefined;
  return {
    queueId: queue_id,
    queue: queue_name,
    arrivalMs: arrival_time * 1000,
    sizeBytes: typeof message_size === "number" ? message_size : null,
    sender: sender === "MAILER-DAEMON" || typeof sender !== "string" ? "" : sender,
    recipients: Array.isArray(recipients) ? recipients.flatMap(recipientOf) : [],
  };
}

function recipientOf(value: unknown): QueueEntry["recipients"] {
  if (typeof value !== "object" || value === null) return [];
  const { address, delay_reason } = value as Record<string, unknown>;
  if (typeof address !== "string") return [];
  return [{ address, reason: typeof delay_reason === "string" ? delay_reason : null }];
}

/** Some ten thousand recipients fit. */
const longestEntryBytes = 4 * 1024 * 1024;
const longestComplaint = 2_000;
