import type { Millis } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import type { Door, Session } from "../engine/world.ts";
import type { Random } from "../random.ts";
import { lot } from "./timeline.ts";

/** Hands mail over and, when it is put off, comes back as its kind of server does. */
export interface Senders {
  offer(session: Session, kind: SenderKind, sender: number): void;
  /** Mail that was given up because too much waits outside already; 0 in any sane scenario. */
  readonly forgotten: number;
}
/** `server`: a mail server of somebody else's. `person`: a customer's program or hand. `robot`: tries once, some twice. */
export type SenderKind = "server" | "person" | "robot";

/** More mail than this does not wait outside. */
const mostWaiting = 2_000_000;
const minuteMs = 60_000;

/** Minutes between attempts, by the documentation of widespread servers; the last one goes on until it gives up. */
const schedules: readonly { readonly minutes: readonly number[]; readonly days: number }[] = [
  // Postfix: backs off from 5 minutes to 67.
  { minutes: [5, 5, 10, 20, 40, 67], days: 5 },
  // Exim: every 15 minutes for two hours, then by one and a half, then every 6 hours.
  { minutes: [15, 15, 15, 15, 15, 15, 15, 15, 60, 90, 135, 200, 300, 360], days: 4 },
  // Sendmail: a queue run each half hour or hour.
  { minutes: [30], days: 5 },
  { minutes: [60], days: 5 },
  // Exchange: a few quick ones, then every 10 minutes.
  { minutes: [1, 1, 1, 10], days: 2 },
  // Large providers: soon, and then spread out.
  { minutes: [2, 5, 8, 15, 25, 40, 60], days: 2 },
];
const personMinutes = [3, 10, 30];
const robotReturnShare = 0.1;

export function createSenders(agenda: Agenda, random: Random, doors: readonly Door[]): Senders {
  let waiting = 0;
  let forgotten = 0;

  const again = (waitMs: Millis, attempt: () => void) => {
    if (waiting >= mostWaiting) {
      forgotten++;
      return;
    }
    waiting++;
    agenda.at(agenda.nowMs + waitMs, () => {
      waiting--;
      attempt();
    });
  };

  function offer(session: Session, kind: SenderKind, sender: number): void {
    const sinceMs = agenda.nowMs;
    let tries = 0;
    const attempt = () => {
      random.pick(doors).offer(session, (answer) => {
        if (answer === "accepted" || answer === "refused") return;
        const waitMs = nextWaitMs(kind, sender, tries++, agenda.nowMs - sinceMs);
        if (waitMs !== null) again(waitMs, attempt);
      });
    };
    attempt();
  }

  function nextWaitMs(kind: SenderKind, sender: number, tries: number, ageMs: Millis): Millis | null {
    if (kind === "robot") return tries === 0 && random.unit() < robotReturnShare ? 5 * minuteMs : null;
    if (kind === "person") {
      const minutes = personMinutes[tries];
      return minutes === undefined ? null : jittered(minutes);
    }
    const schedule = schedules[Math.floor(lot(sender, 11) * schedules.length)] ?? schedules[0];
    if (schedule === undefined || ageMs > schedule.days * 1440 * minuteMs) return null;
    const { minutes } = schedule;
    return jittered(minutes[Math.min(tries, minutes.length - 1)] ?? 60);
  }
  /** Queue runs begin when they begin: nobody is on the minute. */
  const jittered = (minutes: number): Millis => minutes * minuteMs * (0.85 + 0.3 * random.unit());

  return {
    offer,
    get forgotten() {
      return forgotten;
    },
  };
}
