import type { EpochMs, Seconds } from "@mailtide/shared";
import { local } from "./day.ts";
import type { TextFile } from "./engine/text-file.ts";

/** Writes what Postfix would, with the header of RFC 3164 in local time. */
export interface NodeLog {
  /** `process` without `postfix/`, for example `smtpd`. */
  say(atMs: EpochMs, process: Process, text: string): void;
}

/** Every process has a few workers that take turns, as on a busy host. */
const workers = { smtpd: 24, "submission/smtpd": 8, cleanup: 10, qmgr: 1, smtp: 30, bounce: 3 };
export type Process = keyof typeof workers;

export function createNodeLog(host: string, file: TextFile, firstPid: number): NodeLog {
  let pid = firstPid;
  const tags = new Map<string, readonly string[]>();
  for (const [process, count] of Object.entries(workers)) {
    tags.set(
      process,
      Array.from({ length: count }, () => ` ${host} postfix/${process}[${(pid += 3)}]: `),
    );
  }
  let turn = 0;
  let second = -1;
  let stamp = "";
  return {
    say(atMs, process, text) {
      const nowSecond = Math.floor(atMs / 1000);
      if (nowSecond !== second) {
        second = nowSecond;
        stamp = stampOf(atMs);
      }
      const list = tags.get(process) ?? [];
      file.line(stamp + (list[turn++ % list.length] ?? "") + text);
    },
  };
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
function stampOf(atMs: EpochMs): string {
  const date = local(atMs);
  const day = String(date.getUTCDate()).padStart(2, " ");
  return `${months[date.getUTCMonth()] ?? ""} ${day} ${date.toISOString().slice(11, 19)}`;
}

/** A delay as Postfix prints it: two significant digits, at most two decimals, whole seconds from ten on. */
export function delayText(seconds: Seconds): string {
  if (seconds >= 10) return String(Math.round(seconds));
  if (seconds >= 1) return String(Math.round(seconds * 10) / 10);
  return String(Math.round(seconds * 100) / 100);
}

/** `delay=…, delays=a/b/c/d`: before the queue manager, in it, connection set-up, transmission. */
export function delaysText(before: Seconds, within: Seconds, setUp: Seconds, transmission: Seconds): string {
  const total = delayText(before + within + setUp + transmission);
  return `delay=${total}, delays=${[before, within, setUp, transmission].map(delayText).join("/")}`;
}
