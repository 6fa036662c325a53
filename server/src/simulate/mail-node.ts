import type { EpochMs } from "@mailtide/shared";
import type { Agenda } from "./agenda.ts";
import { deliver, type Delivery } from "./delivery.ts";
import type { Draft, Message, Tally } from "./message.ts";
import { delaysText, type NodeLog } from "./node-log.ts";
import type { Host, People } from "./people.ts";
import { createQueueBook, type QueueBook } from "./queue-book.ts";
import { createQueueIds } from "./engine/queue-id.ts";
import type { Random } from "./random.ts";
import { createScanner, type ScannerSize } from "./scanner.ts";
import { queueRunDelayMs, type Truth } from "./truth.ts";

/** One Postfix host: accepts, has everything scanned by a content filter, delivers, defers and bounces. */
export interface MailNode {
  readonly name: string;
  readonly book: QueueBook;
  accept(draft: Draft): void;
  refuse(client: Host, how: string): void;
  /** A mail that has been waiting since before the log begins. */
  inherit(arrivalMs: EpochMs, dueMs: EpochMs, sender: string, recipient: string): void;
}

export interface MailNodeParts extends ScannerSize {
  readonly name: string;
  readonly number: number;
  readonly agenda: Agenda;
  readonly random: Random;
  readonly log: NodeLog;
  readonly people: People;
  readonly truth: Truth;
  readonly tally: Tally;
}

/** minimal_backoff_time, maximal_backoff_time and maximal_queue_lifetime, postconf(5). */
const backoffMs = { least: 300_000, most: 4_000_000 };
const lifetimeMs = 5 * 86_400_000;
const filter = "127.0.0.1[127.0.0.1]:10024";
const localhost: Host = { name: "localhost", ip: "127.0.0.1" };
/** The filter hands mail back over sessions that it keeps open. */
const mailsPerSession = 20;

export function createMailNode(parts: MailNodeParts): MailNode {
  const { agenda, random, log, people, truth, tally } = parts;
  const book = createQueueBook(parts.name);
  const newId = createQueueIds((parts.number + 1) * 4_000_000);
  let handedBack = 0;

  const runQueue = () => {
    for (const message of book.deferred)
      if (message.deferral !== null && message.deferral.dueMs <= agenda.nowMs) retry(message);
    agenda.at(agenda.nowMs + queueRunDelayMs, runQueue);
  };
  agenda.at(agenda.nowMs + random.unit() * queueRunDelayMs, runQueue);

  function retry(message: Message): void {
    book.activate(message);
    message.deferral = null;
    if (message.unit !== null) truth.retry(message.unit, agenda.nowMs);
    activate(message);
  }

  function activate(message: Message): void {
    message.activeMs = agenda.nowMs;
    const { queueId, sender, sizeBytes, recipients } = message;
    log.say(
      agenda.nowMs,
      "qmgr",
      `${queueId}: from=<${sender}>, size=${sizeBytes}, nrcpt=${recipients.length} (queue active)`,
    );
    if (message.next === "destination") return deliver(delivery, message);
    scanner.scan(message);
  }

  const scanner = createScanner(agenda, random, parts, (message, startMs, verdict) => {
    if (verdict === "look-up failed") lookupFailed(message, startMs);
    else if (verdict === "hostile") block(message, startMs);
    else handBack(message, startMs);
  });

  const filterLines = (message: Message, startMs: EpochMs, outcome: string) => {
    const delays = delaysText(
      seconds(message.arrivalMs, message.activeMs),
      seconds(message.activeMs, startMs),
      0.001,
      seconds(startMs, agenda.nowMs),
    );
    for (const recipient of message.recipients) {
      log.say(agenda.nowMs, "smtp", `${message.queueId}: to=<${recipient}>, relay=${filter}, ${delays}, ${outcome}`);
    }
  };

  function lookupFailed(message: Message, startMs: EpochMs): void {
    const said =
      "host 127.0.0.1[127.0.0.1] said: 451 4.5.0 Error in processing, look-up timed out (in reply to end of DATA command)";
    filterLines(message, startMs, `dsn=4.5.0, status=deferred (${said})`);
    defer(message, startMs, said, "lookup", true);
  }

  function block(message: Message, startMs: EpochMs): void {
    const said =
      "host 127.0.0.1[127.0.0.1] said: 554 5.7.0 Reject, INFECTED: JS.Downloader (in reply to end of DATA command)";
    filterLines(message, startMs, `dsn=5.7.0, status=bounced (${said})`);
    tally.blocked++;
    bounce(message);
  }

  function handBack(message: Message, startMs: EpochMs): void {
    const clean = newMessage({ ...message, client: localhost, next: "destination" });
    if (handedBack++ % mailsPerSession === 0) {
      const n = mailsPerSession;
      log.say(agenda.nowMs, "smtpd", "connect from localhost[127.0.0.1]");
      log.say(
        agenda.nowMs,
        "smtpd",
        `disconnect from localhost[127.0.0.1] ehlo=1 xforward=${n} mail=${n} rcpt=${n} data=${n} commands=${4 * n + 1}`,
      );
    }
    log.say(
      agenda.nowMs,
      "smtpd",
      `${clean.queueId}: client=localhost[127.0.0.1], orig_queue_id=${message.queueId}, orig_client=${nameOf(message.client ?? localhost)}`,
    );
    log.say(agenda.nowMs, "cleanup", `${clean.queueId}: message-id=<${clean.messageId}>`);
    activate(clean);
    filterLines(message, startMs, `dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ${clean.queueId})`);
    finish(message);
  }

  function defer(message: Message, startMs: EpochMs, reason: string, reasonClass: string, own: boolean): void {
    const ageMs = agenda.nowMs - message.arrivalMs;
    if (ageMs > lifetimeMs) {
      log.say(agenda.nowMs, "qmgr", `${message.queueId}: from=<${message.sender}>, status=expired, returned to sender`);
      if (!message.ownBounce) tally.returned++;
      return bounce(message);
    }
    const dueMs = agenda.nowMs + Math.min(backoffMs.most, Math.max(backoffMs.least, ageMs));
    message.deferral = { dueMs, reason, class: reasonClass, own };
    book.defer(message);
    if (!own && message.unit !== null) truth.remote(message.unit, startMs, dueMs);
  }

  /** The message leaves as undeliverable; its sender, when it has one, is told. */
  function bounce(message: Message): void {
    if (message.unit !== null) truth.drop(message.unit, agenda.nowMs);
    if (message.sender !== "") {
      const notice = newMessage({
        ...message,
        sender: "",
        recipients: [message.sender],
        sizeBytes: message.sizeBytes + 2_200,
        client: null,
        hostile: false,
        next: "destination",
        unit: null,
        ownBounce: true,
      });
      tally.bounces++;
      log.say(agenda.nowMs, "cleanup", `${notice.queueId}: message-id=<${notice.queueId}@${parts.name}.mail.example>`);
      log.say(agenda.nowMs, "bounce", `${message.queueId}: sender non-delivery notification: ${notice.queueId}`);
      activate(notice);
    }
    finish(message);
  }

  function finish(message: Message): void {
    log.say(agenda.nowMs, "qmgr", `${message.queueId}: removed`);
    book.remove(message);
  }

  /** A moment passes between the queue file and the queue manager. */
  function newMessage(from: Omit<Message, "queueId" | "arrivalMs" | "activeMs" | "deferral">): Message {
    const arrivalMs = agenda.nowMs - 20 - random.unit() * 60;
    const message: Message = { ...from, queueId: newId(arrivalMs), arrivalMs, activeMs: agenda.nowMs, deferral: null };
    book.add(message);
    return message;
  }

  const delivery: Delivery = { agenda, random, log, people, truth, tally, defer, bounce, finish };

  return {
    name: parts.name,
    book,
    accept(draft) {
      tally.accepted++;
      const unit = truth.accept(agenda.nowMs);
      const message = newMessage({ ...draft, next: "filter", unit, ownBounce: false });
      const { queueId } = message;
      const process = draft.saslUser === null ? "smtpd" : "submission/smtpd";
      const login = draft.saslUser === null ? "" : `, sasl_method=LOGIN, sasl_username=${draft.saslUser}`;
      const client = nameOf(draft.client);
      log.say(agenda.nowMs, process, `connect from ${client}`);
      log.say(agenda.nowMs, process, `${queueId}: client=${client}${login}`);
      log.say(agenda.nowMs, "cleanup", `${queueId}: message-id=<${draft.messageId}>`);
      activate(message);
      const n = draft.recipients.length;
      const auth = draft.saslUser === null ? "" : " auth=1";
      const commands = 4 + n + (auth === "" ? 0 : 1);
      log.say(
        agenda.nowMs,
        process,
        `disconnect from ${client} ehlo=1${auth} mail=1 rcpt=${n} data=1 quit=1 commands=${commands}`,
      );
    },
    refuse(client, how) {
      tally.rejected++;
      log.say(agenda.nowMs, "smtpd", `connect from ${nameOf(client)}`);
      log.say(agenda.nowMs, "smtpd", how);
      log.say(agenda.nowMs, "smtpd", `disconnect from ${nameOf(client)} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4`);
    },
    inherit(arrivalMs, dueMs, sender, recipient) {
      tally.initial++;
      const message: Message = {
        queueId: newId(arrivalMs),
        arrivalMs,
        sender,
        recipients: [recipient],
        sizeBytes: 4_000 + random.below(20_000),
        messageId: "",
        client: null,
        hostile: false,
        next: "destination",
        unit: null,
        ownBounce: false,
        activeMs: arrivalMs,
        deferral: { dueMs, reason: "Connection timed out", class: "connect-timeout", own: false },
      };
      book.add(message);
      book.defer(message);
    },
  };
}

const seconds = (fromMs: EpochMs, toMs: EpochMs) => Math.max(0, toMs - fromMs) / 1000;

export const nameOf = (host: Host): string => `${host.name}[${host.ip}]`;
