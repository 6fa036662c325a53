import type { MailEvent } from "../../core/event.ts";
import { nextQueueId } from "../mta/postfix/delivery.ts";
import { putReply } from "../mta/postfix/text.ts";
import { canonicalIp } from "../syslog/ip.ts";

/**
 * amavis's line a message (amavisd-new documentation, `$log_templ`): `(123-01) Blocked SPAM {DiscardedInbound}, [192.0.2.1]:25
 * [192.0.2.1] <a> -> <b>,<c>, Queue-ID: ID, Message-ID: <x>, mail_id: y, Hits: 20.1, size: 1234, queued_as: ID2, 512 ms`.
 */
export function readAmavis(event: MailEvent, text: string): boolean {
  const found = verdict.exec(text);
  if (found === null) return readForward(event, text) || readStep(event, text) || readTrouble(event, text);
  event.action = found[1] ?? "";
  if (found[2] !== undefined) event.reason = found[2];
  const arrow = arrowForm.exec(text);
  const peers = text.slice(found[0].length, arrow?.index ?? found[0].length);
  const ip = canonicalIp(/\[(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\]/.exec(peers)?.[1] ?? "");
  if (ip !== undefined) event.clientIp = ip;
  if (arrow !== null) {
    event.from = arrow[1] ?? "";
    putRecipients(event, arrow[2] ?? "");
  }
  readKeys(event, text.slice((arrow?.index ?? 0) + (arrow?.[0].length ?? 0)));
  return true;
}

/** A quoted local part may hold anything. */
const address = String.raw`(?:"(?:[^"\\]|\\.){0,320}")?[^>]*`;
const addresses = new RegExp(`<${address}>`, "g");
/** From whom, and the list of those to whom. */
const arrow = `<(${address})> -> ((?:<${address}>(?:,(?=<))?)+)`;
const arrowForm = new RegExp(` ${arrow}`);

const forward = new RegExp(
  `^\\([\\w-]{1,40}\\) (\\(!+\\))?(?:[\\w+()-]{1,64} )?(FWD|SEND) (?:from|via [A-Z]{4,5}:(?: \\[[0-9A-Fa-f.:]{2,45}\\]:\\d{1,5})?) ${arrow}(?:$|, ?(?:[A-Z0-9]{1,16}(?:=[^\\s,]{1,512})?,? ){0,16} ?(?=\\d{3} ))`,
);

/** What was found stands in parentheses and was named by the sender; what was done about it in braces. Before 2.2 it named no kind. */
const verdict =
  /^\([\w-]{1,40}\) ((?:Passed|Blocked) [A-Z][A-Z0-9-]{2,24}|Passed)(?: \(([^]{0,400}?)\)(?= \{|, ))?(?: \{[^}]*\})?, /;

/**
 * What the next hop said (Amavis::Out::SMTP): `(123-01) mail_id FWD from <a> -> <b>,<c>, BODY=7BIT 250 2.0.0 from MTA(...): 250 2.0.0
 * Ok: queued as ID`; `SEND` is of a mail of amavis' own. Before 2.7 it was `FWD via SMTP: <a> -> <b>,BODY=7BIT 250 ...`, and before 2.4 the
 * hop and no answer: `FWD via SMTP: [127.0.0.1]:10025 <a> -> <b>`.
 */
function readForward(event: MailEvent, text: string): boolean {
  const found = forward.exec(text);
  if (found === null) return false;
  const [, trouble, action = "", from = "", to = ""] = found;
  if (trouble !== undefined) event.event = "warning";
  event.action = action;
  event.from = from;
  putRecipients(event, to);
  putReply(event, text, found[0].length, text.length);
  const next = event.code === 250 ? nextQueueId(event.reason ?? "") : undefined;
  if (next !== undefined) event.nextQueueId = next;
  return true;
}

const step = new RegExp(
  `^\\([\\w-]{1,40}\\) (?:(Checking): (?:[\\w+/-]{1,64} ){0,3}(?:\\[(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\\](?::\\d{1,5})? )?|(SPAM-TAG|SPAMMY|SPAM|INFECTED|BANNED)(?: \\([^]{0,400}?\\))?, )${arrow}(?:, (?:Yes|No), score=(-?\\d{1,6}(?:\\.\\d{1,6})?) |, |$)`,
);

/** On its way: `(123-01) Checking: mail_id [192.0.2.1] <a> -> <b>`, `(123-01) SPAM-TAG, <a> -> <b>, Yes, score=12 ...`; the verdict follows. */
function readStep(event: MailEvent, text: string): boolean {
  const found = step.exec(text);
  if (found === null) return false;
  const [, checking, ip, word = "", from = "", to = "", score] = found;
  event.action = checking ?? word;
  const client = canonicalIp(ip ?? "");
  if (client !== undefined) event.clientIp = client;
  event.from = from;
  putRecipients(event, to);
  if (score !== undefined) event.score = Number(score);
  return true;
}

function readTrouble(event: MailEvent, text: string): boolean {
  if (
    !/^(?:\([\w-]{1,40}\) )?(?:\(!+\)|TROUBLE\b|WARN: |SA TIMED OUT\b|[\w.()-]{1,64}: Can't (?:connect|send) to )/.test(
      text,
    )
  )
    return false;
  event.event = "warning";
  event.reason = text;
  return true;
}

function putRecipients(event: MailEvent, list: string): void {
  const recipients = (list.match(addresses) ?? []).map((one) => one.slice(1, -1));
  event.to = recipients[0] ?? "";
  if (recipients.length > 1) event.recipients = recipients.slice(0, 1_000);
}

/** Keys come in a fixed order, and what a sender chose follows the queue id (Message-ID) or the size (subject, in `$log_verbose_templ`). */
function readKeys(event: MailEvent, text: string): void {
  const queueId = /, Queue-ID: ([0-9A-Za-z-]{3,64})/.exec(text)?.[1];
  if (queueId !== undefined) event.queueId = queueId;
  const id = /, Message-ID: <([^>]*)>/.exec(text)?.[1];
  if (id !== undefined) event.messageId = id;
  const rest = text.replaceAll(/, (?:Resent-)?Message-ID: <[^>]*>/g, "");
  const tail = rest.slice(Math.max(0, rest.indexOf(", Hits: "))).split(/, Subject: "|, From: /, 1)[0] ?? "";
  const score = /^, Hits: (-?\d{1,6}(?:\.\d{1,6})?)/.exec(tail)?.[1];
  if (score !== undefined) event.score = Number(score);
  const size = /, [sS]ize: (\d{1,15})/.exec(tail)?.[1];
  if (size !== undefined) event.size = Number(size);
  // Where the next hop's answer ends otherwise than in `queued as ID`, all of it stands there.
  const answer = /, queued_as: (.*?)(?=, (?:dkim_|Tests: |L\/|\d{1,9} ms)|$)/.exec(tail)?.[1] ?? "";
  const next = /^[0-9A-Za-z]{3,64}(?=\/|$)/.exec(answer)?.[0] ?? nextQueueId(answer);
  if (next !== undefined) event.nextQueueId = next;
  const took = /, (\d{1,9}) ms$/.exec(text)?.[1];
  if (took !== undefined) event.delay = Number(took) / 1000;
}
