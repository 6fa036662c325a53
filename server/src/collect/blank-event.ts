import type { MailEvent } from "../core/event.ts";

/**
 * An event that states nothing yet. It has all its keys from the beginning: events that grow key by key come in a hundred
 * shapes, each grown by copying, and whatever reads them has to look up where a key stands.
 */
export function blankEvent(): MailEvent {
  const blank: { [K in keyof Required<MailEvent>]: MailEvent[K] | undefined } = {
    event: "other",
    atMs: undefined,
    host: undefined,
    process: undefined,
    pid: undefined,
    queueId: undefined,
    clientIp: undefined,
    clientName: undefined,
    clientPort: undefined,
    helo: undefined,
    saslMethod: undefined,
    saslUsername: undefined,
    messageId: undefined,
    from: undefined,
    to: undefined,
    recipients: undefined,
    origTo: undefined,
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
    code: undefined,
    reject: undefined,
    stage: undefined,
    action: undefined,
    proto: undefined,
    tls: undefined,
    transport: undefined,
    bounceQueueId: undefined,
    nextQueueId: undefined,
    origQueueId: undefined,
    lostLines: undefined,
    repeated: undefined,
    score: undefined,
    required: undefined,
    truncated: undefined,
  };
  return blank as MailEvent;
}
