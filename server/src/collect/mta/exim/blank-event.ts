import type { MailEvent } from "../../../core/event.ts";

/**
 * An event that states nothing yet, with the keys of Exim's commonest lines: so all of them have one shape, and whoever reads them
 * needs not look up where a key stands. What a line seldom has is added when it has it.
 */
export function blankEvent(): MailEvent {
  const blank: { [K in keyof MailEvent]: MailEvent[K] | undefined } = {
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
    dsn: undefined,
    status: undefined,
    reason: undefined,
    stage: undefined,
    action: undefined,
    nextQueueId: undefined,
    recipients: undefined,
    origTo: undefined,
    helo: undefined,
    clientPort: undefined,
    reject: undefined,
    proto: undefined,
    transport: undefined,
    tls: undefined,
    code: undefined,
  };
  return blank as MailEvent;
}
