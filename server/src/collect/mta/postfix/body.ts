import type { MailEvent } from "../../../core/event.ts";
import { readAgent } from "./agent.ts";
import { readCleanup } from "./cleanup.ts";
import { readDelivery } from "./delivery.ts";
import { readPostscreen } from "./postscreen.ts";
import { queueIdLength } from "./queue-id.ts";
import { readQueueManager } from "./queue-manager.ts";
import { readRest } from "./rest.ts";
import { readSmtpd } from "./smtpd.ts";
import { readTls } from "./tls.ts";
import { readWarning } from "./warning.ts";

/** Reads one kind of text into the event; false when the text is of another kind. */
export type BodyReader = (event: MailEvent, text: string) => boolean;

/**
 * What stands behind the tag. Dispatch is by what the text says rather than by the daemon's name: administrators rename
 * services (`syslog_name`), and most kinds are said by several daemons.
 */
export function readBody(event: MailEvent, body: string): void {
  let text = body;
  const idLength = queueIdLength(text);
  if (idLength > 0) {
    event.queueId = text.slice(0, idLength);
    text = text.slice(idLength + 2);
    // What most lines of a message say; no other reader takes what begins so.
    if (text.charCodeAt(0) === letterT && readDelivery(event, text)) return;
  }
  for (const read of event.queueId === undefined || event.queueId === "NOQUEUE" ? sessionReaders : messageReaders) {
    if (read(event, text)) return;
  }
}

const letterT = 116;

const messageReaders: readonly BodyReader[] = [
  readQueueManager,
  readDelivery,
  readSmtpd,
  readWarning,
  readCleanup,
  readAgent,
  readTls,
  readRest,
];
const sessionReaders: readonly BodyReader[] = [
  readSmtpd,
  readPostscreen,
  readWarning,
  readQueueManager,
  readDelivery,
  readAgent,
  readTls,
  readCleanup,
  readRest,
];
