import type { EpochMs, Millis, Seconds, Share } from "@mailtide/shared";
import { IANAZone } from "luxon";
import type { Random } from "../random.ts";
import type { Process } from "./processes.ts";

/** Writes what Postfix and its logger would, with the header of RFC 3164 in the host's own time. */
export interface NodeLog {
  say(process: Process, text: string): void;
  /** Once a second: what the logger says of lines that it threw away, and of a file that was put aside. */
  tick(): void;
  readonly lines: number;
}

export interface NodeLogParts {
  readonly host: string;
  readonly timezone: string;
  readonly random: Random;
  /** `HH:mm` on the host's clock at which the file is put aside every day. */
  readonly rotation?: string | undefined;
  now(): EpochMs;
  clockOffsetMs(): Millis;
  lossShare(): Share;
  write(line: string): void;
}

/** rsyslog tells what its rate limit suppressed when an interval is over. */
const reportEveryMs: Millis = 30_000;
const rotated =
  '[origin software="rsyslogd" swVersion="8.16.0" x-pid="812" x-info="http://www.rsyslog.com"] rsyslogd was HUPed';
const minuteMs = 60_000;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function createNodeLog(parts: NodeLogParts): NodeLog {
  const { random } = parts;
  const stampOf = createStamp(parts.timezone);
  let lines = 0;
  let lost = 0;
  let lostSinceMs = 0;
  // Conditions and the stamp are looked up once a second: a busy host logs thousands of lines in one.
  let second = NaN;
  let stamp = "";
  let share: Share = 0;
  let rotatedOn = "";

  const refresh = (nowMs: EpochMs) => {
    const now = Math.floor(nowMs / 1000);
    if (now === second) return;
    second = now;
    share = parts.lossShare();
    stamp = stampOf(nowMs + parts.clockOffsetMs());
  };
  const write = (text: string) => {
    lines++;
    parts.write(text);
  };

  return {
    get lines() {
      return lines;
    },
    say(process, text) {
      refresh(parts.now());
      if (share > 0 && random.unit() < share) {
        if (lost === 0) lostSinceMs = parts.now();
        lost++;
        return;
      }
      write(stamp + process + text);
    },
    tick() {
      const nowMs = parts.now();
      refresh(nowMs);
      const day = stamp.slice(0, 6);
      if (stamp.slice(7, 12) === parts.rotation && rotatedOn !== day) {
        rotatedOn = day;
        write(`${stamp} ${parts.host} rsyslogd: ${rotated}`);
      }
      if (lost === 0 || nowMs - lostSinceMs < reportEveryMs) return;
      write(`${stamp} ${parts.host} rsyslogd: imuxsock lost ${lost} messages from pid 812 due to rate-limiting`);
      lost = 0;
    },
  };
}

/** `May 11 11:40:00`. Zones change their offset at whole minutes at the earliest. */
export function createStamp(timezone: string): (atMs: EpochMs) => string {
  const zone = IANAZone.create(timezone);
  let minute = NaN;
  let head = "";
  return (atMs) => {
    const now = Math.floor(atMs / minuteMs);
    if (now !== minute) {
      minute = now;
      const local = new Date(now * minuteMs + zone.offset(now * minuteMs) * minuteMs);
      const day = String(local.getUTCDate()).padStart(2, " ");
      head = `${months[local.getUTCMonth()] ?? ""} ${day} ${local.toISOString().slice(11, 17)}`;
    }
    const seconds = Math.floor(atMs / 1000) - now * 60;
    return head + (seconds < 10 ? "0" : "") + seconds;
  };
}

/** A delay as Postfix prints it: two significant digits, at most two decimals, whole seconds from ten on. */
export function delayText(seconds: Seconds): string {
  if (seconds >= 10) return String(Math.round(seconds));
  if (seconds >= 1) return String(Math.round(seconds * 10) / 10);
  return String(Math.round(seconds * 100) / 100);
}

/** `delay=…, delays=a/b/c/d`: before the queue manager, in it, connection set-up, transmission. */
export function delaysText(before: Millis, within: Millis, setUp: Millis, transmission: Millis): string {
  const total = textOf(before + within + setUp + transmission);
  return `delay=${total}, delays=${textOf(before)}/${textOf(within)}/${textOf(setUp)}/${textOf(transmission)}`;
}
const textOf = (ms: Millis) => delayText(Math.max(0, ms) / 1000);
