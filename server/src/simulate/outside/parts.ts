import type { Agenda } from "../agenda.ts";
import type { Conditions, Host, Session } from "../engine/world.ts";
import type { Random } from "../random.ts";
import type { Calendar } from "../scenario/calendar.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { People } from "./people.ts";
import type { Senders } from "./senders.ts";

/** What everything that sends needs. */
export interface WorldParts {
  readonly scenario: Scenario;
  readonly calendar: Calendar;
  readonly agenda: Agenda;
  readonly people: People;
  readonly senders: Senders;
  readonly conditions: Conditions;
  /** A source of its own for each part, so that a change in one leaves the others as they were. */
  random(): Random;
  newMessageId(host: string): string;
}

/** An innocent mail that nobody has anything against, but for what is said. */
export function plainSession(
  client: Host,
  sender: string,
  recipients: readonly string[],
  messageId: string,
  more: Partial<Session> = {},
): Session {
  return {
    client,
    helo: client.name === "unknown" ? "localhost" : client.name,
    saslUser: null,
    sender,
    recipients,
    sizeBytes: 4_000,
    messageId,
    hostile: false,
    who: "innocent",
    refuse: null,
    ...more,
  };
}

/** Most mails are small, a few are huge. */
export const sizeOf = (random: Random): number => Math.round(random.lognormal(42_000, 1.4)) + 900;
