import type { EpochMs, Millis, PerSecond } from "@mailtide/shared";
import type { Agenda } from "./agenda.ts";
import { databaseSlowdown, lookupFailureShare, lookupShare, scanSeconds } from "./day.ts";
import type { Message } from "./message.ts";
import type { Random } from "./random.ts";

/** The content filter of a host: a few scans at a time, first come first served, slow when look-ups are. */
export interface Scanner {
  scan(message: Message): void;
}
export type Verdict = "clean" | "hostile" | "look-up failed";

/** How many scans run at the same time, and how long one takes on average. */
export interface ScannerSize {
  readonly scanners: number;
  readonly scanMs: Millis;
}

/** At least two scanners, so that one long scan does not stop a small site. */
export function scannersFor(perSecond: PerSecond): ScannerSize {
  const scanners = Math.max(2, Math.round(perSecond * scanSeconds));
  return { scanners, scanMs: (scanners / perSecond) * 1000 };
}

/** From this slow-down on a scan may give up on its look-up. */
const patience = 50;

export function createScanner(
  agenda: Agenda,
  random: Random,
  size: ScannerSize,
  scanned: (message: Message, startMs: EpochMs, verdict: Verdict) => void,
): Scanner {
  const waiting = createLine<Message>();
  let busy = 0;

  const next = () => {
    while (busy < size.scanners) {
      const message = waiting.shift();
      if (message === undefined) return;
      busy++;
      const startMs = agenda.nowMs;
      const slowdown = databaseSlowdown(startMs);
      const tookMs = random.lognormal(size.scanMs, 0.5) * (1 - lookupShare + lookupShare * slowdown);
      const failed = slowdown > patience && random.unit() < lookupFailureShare;
      agenda.at(startMs + tookMs, () => {
        busy--;
        scanned(message, startMs, failed ? "look-up failed" : message.hostile ? "hostile" : "clean");
        next();
      });
    }
  };

  return {
    scan(message) {
      waiting.push(message);
      next();
    },
  };
}

/** First in, first out, without moving what waits. */
function createLine<T>() {
  let items: T[] = [];
  let head = 0;
  return {
    push: (item: T) => void items.push(item),
    shift(): T | undefined {
      const item = items[head++];
      if (item === undefined) {
        items = [];
        head = 0;
      } else if (head > 10_000 && head * 2 > items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
  };
}
