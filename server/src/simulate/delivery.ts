import type { EpochMs } from "@mailtide/shared";
import type { Agenda } from "./agenda.ts";
import { firstRecipient, type Message, type Tally } from "./message.ts";
import { delaysText, type NodeLog } from "./node-log.ts";
import type { People } from "./people.ts";
import type { Random } from "./random.ts";
import type { Truth } from "./truth.ts";

/** What the last hop needs of its node. */
export interface Delivery {
  readonly agenda: Agenda;
  readonly random: Random;
  readonly log: NodeLog;
  readonly people: People;
  readonly truth: Truth;
  readonly tally: Tally;
  defer(message: Message, startMs: EpochMs, reason: string, reasonClass: string, own: boolean): void;
  bounce(message: Message): void;
  finish(message: Message): void;
}

/** smtp_connect_timeout, postconf(5). */
const connectTimeoutMs = 30_000;
/** Servers that put a stranger off for a while, and addresses that do not exist. */
const greylistShare = 0.02;
const unknownUserShare = 0.004;

/** To the host that takes the recipients' mail: a customer's server or somebody else's, never one of ours. */
export function deliver(parts: Delivery, message: Message): void {
  const { agenda, random, log } = parts;
  const place = parts.people.destination(firstRecipient(message));
  const startMs = agenda.nowMs;
  const host = `${place.name}[${place.ip}]`;
  const firstTry = message.activeMs - message.arrivalMs < 10_000;
  const setUpMs = place.dead ? connectTimeoutMs : random.lognormal(180, 0.8);
  const sendMs = place.dead ? 0 : random.lognormal(450, 0.9);
  const dice = random.unit();

  const report = (relay: string, outcome: string) => {
    const queuedMs = message.activeMs - message.arrivalMs;
    const delays = delaysText(queuedMs / 1000, 0.01, setUpMs / 1000, sendMs / 1000);
    for (const recipient of message.recipients) {
      log.say(agenda.nowMs, "smtp", `${message.queueId}: to=<${recipient}>, relay=${relay}, ${delays}, ${outcome}`);
    }
  };

  agenda.at(startMs + setUpMs + sendMs, () => {
    if (place.dead) {
      const reason = `connect to ${host}:25: Connection timed out`;
      log.say(agenda.nowMs, "smtp", reason);
      report("none", `dsn=4.4.1, status=deferred (${reason})`);
      return parts.defer(message, startMs, reason, "connect-timeout", false);
    }
    const relay = `${host}:25`;
    if (firstTry && !message.ownBounce && place.ip.startsWith("198.51.100.") && dice < greylistShare) {
      const reason = `host ${host} said: 450 4.2.0 <${firstRecipient(message)}>: Recipient address rejected: Greylisted (in reply to RCPT TO command)`;
      report(relay, `dsn=4.2.0, status=deferred (${reason})`);
      return parts.defer(message, startMs, reason, "greylist", false);
    }
    if (dice > 1 - unknownUserShare) {
      report(
        relay,
        `dsn=5.1.1, status=bounced (host ${host} said: 550 5.1.1 <${firstRecipient(message)}>: Recipient address rejected: User unknown (in reply to RCPT TO command))`,
      );
      if (!message.ownBounce) parts.tally.returned++;
      return parts.bounce(message);
    }
    report(
      relay,
      `dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ${((message.arrivalMs % 0xffffff) | 0).toString(16).toUpperCase().padStart(10, "4")})`,
    );
    if (!message.ownBounce) parts.tally.delivered++;
    if (message.unit !== null) parts.truth.leave(message.unit, agenda.nowMs);
    parts.finish(message);
  });
}
