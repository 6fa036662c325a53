import type { MailEvent } from "../../core/event.ts";
import { canonicalIp } from "../syslog/ip.ts";

/**
 * rspamd's line a message: `id: <x>, qid: <ID>, ip: 192.0.2.1, from: <a>, (default: T (reject): [7.31/12.00] [SYMBOLS]),
 * len: 1234, time: 50.1ms, ..., rcpts: <b>,<c>`. False for other lines.
 */
export function readRspamd(event: MailEvent, text: string): boolean {
  if (readLoaded(event, text)) return true;
  const at = text.indexOf("rspamd_task_write_log: id: <");
  const start = at >= 0 ? at + 27 : /^id: <.*qid: </.test(text) ? 4 : -1;
  if (start < 0) return false;
  // The last of this form counts: before it come names that the sender chose.
  const verdict = [...text.matchAll(verdictForm)].at(-1) ?? null;
  const head = text.slice(start, verdict?.index ?? text.length);
  // In a Message-ID rspamd writes `?` for each blank; who sends may have any in his address.
  const own = head.split(" from: <", 1)[0] ?? "";
  const id = /^<(\S*)>(?:,|$)/.exec(own)?.[1] ?? /^<([^>]*)>/.exec(head)?.[1];
  if (id !== undefined && id !== "undef") event.messageId = id;
  const queueId = / qid: <([0-9A-Za-z-]{3,64})>/.exec(own)?.[1];
  if (queueId !== undefined && queueId !== "undef") event.queueId = queueId;
  const ip = canonicalIp(/ ip: ([0-9A-Fa-f.:]{2,45})/.exec(own)?.[1] ?? "");
  if (ip !== undefined) event.clientIp = ip;
  const user = / user: ([^,]{1,320}),/.exec(own)?.[1];
  if (user !== undefined) event.saslUsername = user;
  const from = / from: <(.*)>$/.exec(head)?.[1] ?? / from: <([^>]*)>/.exec(head)?.[1];
  if (from !== undefined) event.from = from;
  if (verdict !== null) {
    event.action = verdict[3] ?? "";
    const [score, required] = [Number(verdict[4]), Number(verdict[5])];
    if (Number.isFinite(score)) event.score = score;
    // Without an action that rejects there is none: `nan`.
    if (Number.isFinite(required)) event.required = required;
    if (event.action === "reject") event.reject = true;
    readTail(event, text.slice(verdict.index));
  }
  return true;
}

/** When it begins: `rspamd_message_parse: loaded message; id: <x>; queue-id: <ID>; size: 1234; checksum: <c>`. */
function readLoaded(event: MailEvent, text: string): boolean {
  const at = text.indexOf("rspamd_message_parse: loaded message; id: <");
  if (at < 0) return false;
  const found = /^<(\S{1,1000})>; (?:queue-id: <([0-9A-Za-z-]{3,64})>; )?size: (\d{1,15}); checksum: </.exec(
    text.slice(at + 42),
  );
  if (found === null) return false;
  const [, id, queueId, size] = found;
  event.action = "begun";
  if (id !== undefined && id !== "undef") event.messageId = id;
  if (queueId !== undefined && queueId !== "undef") event.queueId = queueId;
  event.size = Number(size);
  return true;
}

/** `a@b,"c,d"@e,...`. */
function addressesIn(list: string): string[] {
  const found = list.match(/"(?:[^"\\]|\\.){0,320}"@[^,]{1,255}|[^,]{1,400}/g) ?? [];
  return found.filter((one) => one !== "...");
}

/** T: spam, F: not, S: the checks were skipped, as for a pattern that is always refused. */
const verdictForm =
  /, \(([\w.-]{1,64}): ([TFS]) \(([\w -]{2,40})\): \[(-?\d{1,9}(?:\.\d{1,6})?|-?nan)\/(-?\d{1,9}(?:\.\d{1,6})?|-?nan)\]/g;

function readTail(event: MailEvent, tail: string): void {
  const size = / len: (\d{1,15})/.exec(tail)?.[1];
  if (size !== undefined) event.size = Number(size);
  const took = / time: (\d{1,12}(?:\.\d{1,6})?)ms/.exec(tail)?.[1];
  // Thousandths of a millisecond, and none of the binary fraction's.
  if (took !== undefined) event.delay = Number((Number(took) / 1000).toFixed(9));
  // All stand in one pair of brackets, at most seven, the last perhaps before a comma and dots; older versions gave each its own.
  const list = / rcpts: ((?:<[^>]*>,?)+)/.exec(tail)?.[1]?.replaceAll(">,<", ",").replace(/,?$/, "") ?? "";
  const recipients = addressesIn(list.slice(1, -1));
  if (recipients[0] !== undefined) event.to = recipients[0];
  if (recipients.length > 1) event.recipients = recipients.slice(0, 1_000);
}
