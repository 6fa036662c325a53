import type { Millis } from "@mailtide/shared";
import type { Random } from "../random.ts";
import type { FarFault } from "../scenario/schema.ts";
import type { Failure, Whose } from "./message.ts";
import { gamma } from "./service-time.ts";
import type { Destination } from "./world.ts";

/** How an attempt to hand mail to a destination ends. */
export interface Ending {
  readonly setUpMs: Millis;
  readonly sendMs: Millis;
  /** `none` when no connection came about. */
  readonly relay: string;
  readonly status: "sent" | "deferred" | "bounced";
  readonly dsn: string;
  readonly said: string;
  /** What the agent logs before, without a queue id. */
  readonly notes: readonly string[];
  readonly reasonClass: string;
  readonly whose: Whose;
  /** The next hop could not be reached at all: the scheduler backs off from it. */
  readonly unreachable: boolean;
}

/** smtp_connect_timeout, postconf(5). */
const connectTimeoutMs: Millis = 30_000;
/** Look-ups at a resolver that does not answer: two tries of five seconds. */
const resolverMs: Millis = 10_000;
const unknownUserShare = 0.004;
/** Of a stranger's first attempts, where the far side greylists. */
const greylistShare = 0.25;

export interface Attempt {
  readonly domain: string;
  readonly recipient: string;
  readonly isFirst: boolean;
  readonly destination: Destination;
  readonly fault: { readonly fault: FarFault; readonly ours: boolean } | null;
}

export function endingOf(attempt: Attempt, random: Random): Ending {
  const { destination, fault, recipient } = attempt;
  if (destination.dead) return unreachable(attempt, "Connection timed out", connectTimeoutMs, "remote");
  if (fault !== null) return endingOfFault(attempt, fault.fault, fault.ours ? "own" : "remote", random);
  const host = `${destination.name}[${destination.ip}]`;
  const reached = {
    setUpMs: gamma(random, destination.connectSeconds * 1000),
    sendMs: gamma(random, destination.transmitSeconds * 1000),
    relay: `${host}:25`,
    notes: [],
    unreachable: false,
  };
  if (destination.greylists && attempt.isFirst && random.unit() < greylistShare) {
    const said = `host ${host} said: 450 4.2.0 <${recipient}>: Recipient address rejected: Greylisted (in reply to RCPT TO command)`;
    return { ...reached, status: "deferred", dsn: "4.2.0", said, reasonClass: "greylist", whose: "remote" };
  }
  if (isFull(recipient, destination.fullMailboxShare)) {
    const said = `host ${host} said: 452 4.2.2 <${recipient}>: Recipient address rejected: mailbox full (in reply to RCPT TO command)`;
    return { ...reached, status: "deferred", dsn: "4.2.2", said, reasonClass: "mailbox-full", whose: "recipient" };
  }
  if (random.unit() < unknownUserShare) {
    const said = `host ${host} said: 550 5.1.1 <${recipient}>: Recipient address rejected: User unknown (in reply to RCPT TO command)`;
    return { ...reached, status: "bounced", dsn: "5.1.1", said, reasonClass: "other", whose: "remote" };
  }
  const id = random
    .below(2 ** 32)
    .toString(16)
    .toUpperCase()
    .padStart(10, "4");
  return {
    ...reached,
    status: "sent",
    dsn: "2.0.0",
    said: `250 2.0.0 Ok: queued as ${id}`,
    reasonClass: "other",
    whose: "remote",
  };
}

function endingOfFault(attempt: Attempt, fault: FarFault, whose: Whose, random: Random): Ending {
  const { destination, domain } = attempt;
  const host = `${destination.name}[${destination.ip}]`;
  const setUpMs = gamma(random, destination.connectSeconds * 1000);
  const deferred = { status: "deferred", whose, sendMs: 0, relay: `${host}:25` } as const;
  switch (fault) {
    case "timeout":
      return unreachable(attempt, "Connection timed out", connectTimeoutMs, whose);
    case "refuse":
      return unreachable(attempt, "Connection refused", setUpMs, whose);
    case "dns": {
      const said = `Host or domain name not found. Name service error for name=${domain} type=MX: Host not found, try again`;
      const lookup = { setUpMs: resolverMs * (0.5 + random.unit() / 2), relay: "none", notes: [], unreachable: true };
      return { ...deferred, ...lookup, dsn: "4.4.3", said, reasonClass: "dns" };
    }
    case "tls": {
      const said = "Cannot start TLS: handshake failure";
      // Whose certificate it is decides who complains: a server that dislikes ours sends an alert.
      const notes =
        whose === "own"
          ? [
              `SSL_connect error to ${host}:25: -1`,
              "warning: TLS library problem: error:0A000415:SSL routines::sslv3 alert certificate expired:../ssl/record/rec_layer_s3.c:1584:SSL alert number 45:",
            ]
          : [
              `certificate verification failed for ${host}:25: certificate has expired`,
              `SSL_connect error to ${host}:25: -1`,
            ];
      return { ...deferred, setUpMs, notes, unreachable: true, dsn: "4.7.5", said, reasonClass: "tls" };
    }
    case "throttle": {
      const isBusy = random.unit() < 0.5;
      const said = isBusy
        ? `host ${host} said: 421 4.7.0 Try again later, our address is temporarily rate limited (in reply to MAIL FROM command)`
        : `host ${host} said: 450 4.7.1 <${attempt.recipient}>: Recipient address rejected: too many messages from your address, rate limited (in reply to RCPT TO command)`;
      const sendMs = gamma(random, destination.transmitSeconds * 500);
      const reply = { sendMs, notes: [], unreachable: false, dsn: isBusy ? "4.7.0" : "4.7.1" };
      return { ...deferred, ...reply, setUpMs, said, reasonClass: "rate-limit" };
    }
    default:
      return fault satisfies never;
  }
}

function unreachable({ destination }: Attempt, why: string, setUpMs: Millis, whose: Whose): Ending {
  const said = `connect to ${destination.name}[${destination.ip}]:25: ${why}`;
  return {
    setUpMs,
    sendMs: 0,
    relay: "none",
    status: "deferred",
    dsn: "4.4.1",
    said,
    notes: [said],
    reasonClass: why === "Connection refused" ? "connect-refused" : "connect-timeout",
    whose,
    unreachable: true,
  };
}

/** A full mailbox is full at every attempt: the address alone decides. */
function isFull(address: string, share: number): boolean {
  if (share <= 0) return false;
  let hash = 0x811c9dc5;
  for (let place = 0; place < address.length; place++) hash = Math.imul(hash ^ address.charCodeAt(place), 0x01000193);
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0) / 2 ** 32 < share;
}

export const failureOf = (ending: Ending, sinceMs: number): Failure => ({
  sinceMs,
  whose: ending.whose,
  reason: ending.said,
  reasonClass: ending.reasonClass,
});
