import type { MailEvent } from "../core/event.ts";

// Events that state nothing yet. Each has from the beginning all the keys that it will ever have: events that grow key by key come in
// a hundred shapes, each grown by copying, and whoever reads more than four shapes at one place has to look up where a key stands.
// The commonest lines have shapes of their own, in the same order: what is not made need not be cleared away.

/** Of any line. */
export function blankEvent(): MailEvent {
  const blank: Blank = {
    event: "other",
    atMs: undefined,
    host: undefined,
    process: undefined,
    pid: undefined,
    queueId: undefined,
    clientIp: undefined,
    clientName: undefined,
    saslUsername: undefined,
    messageId: undefined,
    from: undefined,
    to: undefined,
    size: undefined,
    nrcpt: undefined,
    relay: undefined,
    relayIp: undefined,
    relayPort: undefined,
    delay: undefined,
    delays: undefined,
    dsn: undefined,
    status: undefined,
    reason: undefined,
    stage: undefined,
    action: undefined,
    nextQueueId: undefined,
    lostLines: undefined,
    repeated: undefined,
    origTo: undefined,
    clientPort: undefined,
    saslMethod: undefined,
    reject: undefined,
    code: undefined,
    proto: undefined,
    helo: undefined,
    tls: undefined,
    transport: undefined,
    recipients: undefined,
    bounceQueueId: undefined,
    origQueueId: undefined,
    splitQueueIds: undefined,
    score: undefined,
    required: undefined,
    truncated: undefined,
  };
  return blank as MailEvent;
}

/** Of a session, or of a message that is taken, named, queued or removed. */
export function blankMilestone(): MailEvent {
  const blank: Blank = {
    event: "other",
    atMs: undefined,
    host: undefined,
    process: undefined,
    pid: undefined,
    queueId: undefined,
    clientIp: undefined,
    clientName: undefined,
    saslUsername: undefined,
    messageId: undefined,
    from: undefined,
    size: undefined,
    nrcpt: undefined,
    clientPort: undefined,
    saslMethod: undefined,
  };
  return blank as MailEvent;
}

/** Of an attempt to deliver. */
export function blankDelivery(): MailEvent {
  const blank: Blank = {
    event: "other",
    atMs: undefined,
    host: undefined,
    process: undefined,
    pid: undefined,
    queueId: undefined,
    to: undefined,
    relay: undefined,
    relayIp: undefined,
    relayPort: undefined,
    delay: undefined,
    delays: undefined,
    dsn: undefined,
    status: undefined,
    reason: undefined,
    nextQueueId: undefined,
    origTo: undefined,
    tls: undefined,
  };
  return blank as MailEvent;
}

/** Of what is refused. */
export function blankRejection(): MailEvent {
  const blank: Blank = {
    event: "other",
    atMs: undefined,
    host: undefined,
    process: undefined,
    pid: undefined,
    queueId: undefined,
    clientIp: undefined,
    clientName: undefined,
    from: undefined,
    to: undefined,
    dsn: undefined,
    reason: undefined,
    stage: undefined,
    action: undefined,
    clientPort: undefined,
    reject: undefined,
    code: undefined,
    proto: undefined,
    helo: undefined,
  };
  return blank as MailEvent;
}

/** Takes back what was read of a line. A key that is deleted would leave the event without a shape. */
export function unsay(event: MailEvent, ...keys: readonly Exclude<keyof MailEvent, "event">[]): void {
  const blank: Blank = event;
  for (const key of keys) blank[key] = undefined;
}

type Blank = { [K in keyof MailEvent]: MailEvent[K] | undefined };
