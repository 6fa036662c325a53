import type { MailEvent } from "../../../core/event.ts";
import type { LogClock } from "../../syslog/clock.ts";
import { createHeaderReader } from "../../syslog/header.ts";
import { longestLineBytes } from "../../tail/split.ts";
import { readFields } from "./fields.ts";
import { readArrival, readDelivery, readRuleset } from "./message.ts";
import { readSession } from "./session.ts";

/**
 * A parser for what Sendmail 8 writes through syslog (Sendmail Installation and Operation Guide, 2.1.2 and appendix): a line
 * `ID: key=value, key=value` for each arrival and each delivery attempt, a line of its own for what is refused. Never throws.
 */
export function createSendmailParser({ clock }: { readonly clock: LogClock }): (line: string | Buffer) => MailEvent {
  const readHeader = createHeaderReader(clock);
  return (given) => {
    const over = given.length > longestLineBytes;
    const cut = over ? given.slice(0, longestLineBytes) : given;
    const line = (typeof cut === "string" ? cut : cut.toString("utf8")).replace(/\r$/, "");
    const header = readHeader(line);
    const event: MailEvent = { event: "other" };
    if (!Number.isNaN(header.atMs)) event.atMs = header.atMs;
    if (header.host !== "") event.host = header.host;
    if (header.process !== "") event.process = header.process;
    if (!Number.isNaN(header.pid)) event.pid = header.pid;
    readBody(event, line.slice(header.bodyStart));
    if (over) event.truncated = true;
    return event;
  };
}

function readBody(event: MailEvent, body: string): void {
  const id = queueId.exec(body);
  const text = id === null ? body : body.slice(id[0].length);
  if (id !== null) event.queueId = id[1] ?? "";
  // The client comes last; what looks like one before it stands in a Message-ID.
  if (text.startsWith("from=")) readArrival(event, readFields(text), text.slice(text.lastIndexOf(", relay=") + 8));
  else if (text.startsWith("to=")) readDelivery(event, readFields(text));
  else if (text.startsWith("ruleset=")) readRuleset(event, readFields(text));
  else readSession(event, text);
}

/** Eight characters that encode the time, then the process id (8.10 and later); before that three letters and the id. */
const queueId = /^([0-9A-Za-z]{8}\d{4,12}|[A-Z]{3}\d{5,10}|NOQUEUE): /;
