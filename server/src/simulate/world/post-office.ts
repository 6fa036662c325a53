import type { EpochMs } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import type { Door, Session } from "../engine/world.ts";
import type { Random } from "../random.ts";
import type { Habit } from "./habits.ts";

/** Hands sessions to the platform's doors, and comes back when they were put off. */
export interface PostOffice {
  /** `random` decides whose door it is and when the next try comes. */
  send(session: Session, habit: Habit, random: Random): void;
  /** Mail that is kept at its senders now, waiting for the next try. */
  readonly waiting: number;
  /** Senders that gave up, and those that were forgotten because too many waited. */
  readonly givenUp: number;
  readonly forgotten: number;
}

interface Mail {
  readonly session: Session;
  readonly habit: Habit;
  readonly random: Random;
  readonly firstMs: EpochMs;
}

/** More waiting mail than this is forgotten, so that a long outage cannot eat the memory. */
const mostWaiting = 500_000;

export function createPostOffice(agenda: Agenda, doors: readonly Door[]): PostOffice {
  let waiting = 0;
  let givenUp = 0;
  let forgotten = 0;

  const offer = (mail: Mail, attempt: number, place: number) => {
    const { session, habit, random, firstMs } = mail;
    const door = doors[place % doors.length];
    if (door === undefined) throw new Error("a platform without doors");
    door.offer(session, (answer) => {
      if (answer !== "deferred" && answer !== "no-answer") return;
      const delayMs = habit(attempt, agenda.nowMs - firstMs, random);
      if (delayMs === null) {
        givenUp++;
        return;
      }
      if (waiting >= mostWaiting) {
        forgotten++;
        return;
      }
      waiting++;
      agenda.at(agenda.nowMs + delayMs, () => {
        waiting--;
        // The next host of the MX set has its turn.
        offer(mail, attempt + 1, place + 1);
      });
    });
  };

  return {
    send: (session, habit, random) =>
      offer({ session, habit, random, firstMs: agenda.nowMs }, 1, random.below(doors.length)),
    get waiting() {
      return waiting;
    },
    get givenUp() {
      return givenUp;
    },
    get forgotten() {
      return forgotten;
    },
  };
}
