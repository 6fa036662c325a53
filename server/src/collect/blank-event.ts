import type { MailEvent } from "../core/event.ts";

/**
 * An event that states nothing yet. It has the keys of most lines from the beginning: events that grow key by key come in a hundred
 * shapes, each grown by copying, and whatever reads them has to look up where a key stands.
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
    delays: undefined,
    dsn: undefined,
    status: undefined,
    reason: undefined,
    stage: undefined,
    action: undefined,
    nextQueueId: undefined,
    lostLines: undefined,
    repeated: undefined,
  };
  return blank as MailEvent;
}
