import { readFile } from "node:fs/promises";
import type { EpochMs, Seconds } from "@mailtide/shared";
import { type QueueWay, restPerWork, type WayChooser } from "../../../queue/way.ts";
import { WayClosed } from "./closed.ts";

interface Ways {
  /** Null where no log is read: only a listing tells why mail waits then. Names, sizes and times of the files. */
  readonly scan: QueueWay | null;
  /** What tells all of a message, the cheapest first. */
  readonly full: readonly [QueueWay, ...QueueWay[]];
  monotonicMs(): number;
  /** Whether the disk has room for a listing that opens every file. */
  isCalm(): Promise<boolean>;
}

/**
 * The cheap way first: files are scanned, and only when there are messages that the log did not tell of are they listed in
 * full, once, when the disk is calm and the listings before have been rested for; and every ten minutes, for the reasons. What is not permitted is tried again after
 * an hour.
 */
export function chooseWay(ways: Ways): WayChooser {
  const closed = new Map<QueueWay, Closed>();
  /** Messages that a scan met and nobody has told of. */
  let owed = true;
  let [scanSeconds, fullSeconds, fullEndedMs, fullAllowedMs] = [0, 0, ways.monotonicMs(), 0];
  let last: QueueWay | null = null;
  /** Next tries of these. */
  let due = new Map<string, EpochMs>();

  const { scan } = ways;
  const isOpen = (way: QueueWay): boolean => ways.monotonicMs() >= (closed.get(way)?.untilMs ?? 0);
  const full = (): QueueWay => ways.full.find(isOpen) ?? ways.full[ways.full.length - 1] ?? ways.full[0];
  /** Half of the time that listings may have goes to either kind. */
  const rest = 2 * restPerWork;

  return {
    async choose() {
      const now = ways.monotonicMs();
      const isDue = now >= fullAllowedMs && (owed || now >= fullEndedMs + fullEveryMs);
      if (scan === null || !isOpen(scan)) last = full();
      // The first look is a scan too: it has the times of the next tries.
      else if (last !== null && isDue && (fullSeconds === 0 || (await ways.isCalm()))) last = full();
      else last = scan;
      return last;
    },
    failed(way, error) {
      if (!(error instanceof WayClosed)) return false;
      closed.set(way, { why: error.message, untilMs: ways.monotonicMs() + closedForMs });
      return way === scan || way !== ways.full.at(-1);
    },
    listed(way, seconds, difference) {
      if (way === scan) {
        scanSeconds = seconds;
        const waited = owed;
        const found = difference.unknown.length + difference.unknownDropped;
        owed = found > 0;
        due = new Map();
        for (const told of [difference.unknown, difference.ageless])
          for (const { queueId, dueMs } of told) if (dueMs !== undefined) due.set(queueId, dueMs);
        // What the next listing will tell in full is not counted as left out at once.
        return { ...difference, unknown: [], unknownDropped: waited ? found : 0 };
      }
      fullSeconds = seconds;
      fullEndedMs = ways.monotonicMs();
      fullAllowedMs = fullEndedMs + seconds * rest * 1000;
      owed = false;
      due = new Map();
      return difference;
    },
    // A listing says when a message arrived, and the file when it is tried again.
    dueMs: (queueId) => (last === scan ? undefined : due.get(queueId)),
    get restSeconds() {
      if (last !== scan) return fullSeconds * restPerWork;
      return scanSeconds * rest;
    },
    get soon() {
      return last === scan && owed && fullSeconds === 0;
    },
    get says() {
      const unneeded = full() === ways.full[0] && ways.full.length > 1 ? `; ${ways.full[1]?.name} is not needed` : "";
      const listing = `listed with ${full().name}${took(fullSeconds)}`;
      const why = [...closed.values()].map((one) => one.why).join("; ");
      if (scan === null) return `${listing}: ${why === "" ? noLog : `${noLog}; ${why}`}${unneeded}`;
      if (!isOpen(scan)) return `${listing}: ${why}${unneeded}`;
      const scanned = `the queue's files are scanned${took(scanSeconds)}, and what the log did not tell of is ${listing}`;
      return why === "" ? `${scanned}${unneeded}` : `${scanned}: ${why}`;
    },
  };
}

interface Closed {
  readonly why: string;
  readonly untilMs: number;
}

/** Linux' pressure of I/O: a tenth of the last ten seconds in which something waited for a disk is no calm disk. */
export async function diskIsCalm(): Promise<boolean> {
  const text = await readFile("/proc/pressure/io", "utf8").catch(() => "");
  return !(Number(/^some avg10=([\d.]+)/m.exec(text)?.[1] ?? 0) > 10);
}

const took = (seconds: Seconds): string => (seconds > 0 ? ` (${seconds.toFixed(seconds < 1 ? 2 : 1)} s)` : "");
/** Why files are not scanned. */
const noLog = "without a log only a listing says why mail waits";
const fullEveryMs = 600_000;
const closedForMs = 3_600_000;
