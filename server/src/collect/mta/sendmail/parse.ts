import type { MailEvent } from "../../../core/event.ts";
import { Kept } from "../../kept.ts";
import type { LogClock } from "../../syslog/clock.ts";
import { createSyslogParser, type LineParser } from "../../syslog/parser.ts";
import { readPolicy } from "../postfix/policy.ts";
import { readFields } from "./fields.ts";
import { readArrival, readDelivery, readMilterVerdict, readRuleset } from "./message.ts";
import { readSession } from "./session.ts";
import { SplitReader } from "./split.ts";

/**
 * A parser for what Sendmail 8 writes through syslog (Sendmail Installation and Operation Guide, 2.1.2 and appendix): a line
 * `ID: key=value, key=value` for each arrival and each delivery attempt, a line of its own for what is refused.
 */
export function createSendmailParser({ clock }: { readonly clock: LogClock }): LineParser {
  const memory = { splits: new SplitReader(), refused: new Kept<true>(mostRefused) };
  return createSyslogParser(clock, (event, body) => readBody(event, body, memory));
}

interface Memory {
  readonly splits: SplitReader;
  /** Queue ids of which a rule for headers refused the message: the line that tells of it is still to come. */
  readonly refused: Kept<true>;
}
const mostRefused = 1_000;

function readBody(event: MailEvent, body: string, { splits, refused }: Memory): void {
  const id = queueId.exec(body);
  if (id !== null) event.queueId = id[1] ?? "";
  const piece = Number(id?.[2] ?? 0);
  const rest = id === null ? body : body.slice(id[0].length);
  const goesOn = piece > 0 && rest.endsWith(" ...");
  const text = goesOn ? rest.slice(0, -4) : rest;
  if (id !== null && splits.read(event, text, { piece, goesOn })) return;
  if (piece > 1) return;
  // The client comes last; what looks like one before it stands in a Message-ID.
  if (text.startsWith("from=")) {
    readArrival(event, readFields(text), text.slice(text.lastIndexOf(", relay=") + 8));
    // Up to LogLevel 8 no line of its recipients says so.
    if (event.queueId !== undefined && refused.take(event.queueId) === true) event.action ??= "refused";
  } else if (text.startsWith("to=") || text.startsWith("ctladdr=")) readDelivery(event, readFields(text));
  else if (text.startsWith("ruleset=")) {
    readRuleset(event, readFields(text), text);
    const ofMessage = event.event === "reject" && (event.stage ?? "DATA") === "DATA";
    if (ofMessage && event.queueId !== undefined) refused.put(event.queueId, true);
  } else if (text.startsWith("milter=")) readMilterVerdict(event, readFields(text), text);
  else if (!neighbours.test(event.process ?? "") || !readPolicy(event, text)) readSession(event, text);
}

/** Milters that log beside it. */
const neighbours = /^(?:milter-greylist|opendkim)$/;

/**
 * Eight characters that encode the time, then the process id (8.10 and later); before that two or three letters and the id. What
 * is too long for syslog comes in pieces, `ID[1]: text ...`, `ID[2]: text`.
 */
const queueId = /^([0-9A-Za-z]{8}\d{4,12}|[A-Z]{2,3}\d{5,10}|NOQUEUE)(?:\[(\d{1,3})\])?: /;
