import type { MailEvent } from "../../../core/event.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import type { HarakaMemory } from "./memory.ts";
import { putSaid } from "./said.ts";
import { readValues } from "./values.ts";
import { table } from "../../table.ts";

/** `sender <a@b> code=CONT msg=""`, `recipient <c@d> code=OK msg="" sender=a@b`: what all plugins said together. */
export function readEnvelope(event: MailEvent, text: string, id: string, memory: HarakaMemory): void {
  const found = /^(sender|recipient) <(.{0,320}?)> (?=code=)/.exec(text);
  if (found === null) return;
  const [whole, who, address = ""] = found;
  const values = readValues(text.slice(whole.length));
  const verdict = values.get("code") ?? "";
  const stage = who === "sender" ? "MAIL" : "RCPT";
  if (who === "sender") event.from = address;
  else event.to = address;
  if (!refusals.has(verdict)) {
    if (who === "sender") memory.sender(id, address);
    else memory.recipient(id, address);
    return;
  }
  // Where plugins are logged, the one that refused it has been counted.
  if (memory.lastRefused === `${id} ${stage}`) return;
  event.event = "reject";
  event.reject = true;
  event.stage = stage;
  if (verdict.startsWith("DENYSOFT")) event.action = "temporarily";
  const said = values.get("msg");
  if (said !== undefined) putSaid(event, said);
}

/** A plugin's own line may have been counted. */
export function refuse(event: MailEvent, code: string, stage: string, isCounted: boolean): void {
  event.event = isCounted ? "other" : "reject";
  if (!isCounted) event.reject = true;
  event.stage = stage;
  event.action = code;
}

/**
 * `queue code=OK msg="2.0.0 Ok: queued as ID (UUID.1)"`: the next hop has it, where a plugin forwards it while the client waits (queue/smtp_forward);
 * `Message Queued` is Haraka's own queue. `code=DENY msg="queue says no (UUID.1)"`: refused after all.
 */
export function readQueue(
  event: MailEvent,
  values: ReadonlyMap<string, string>,
  id: string,
  memory: HarakaMemory,
): void {
  event.action = "queue";
  const said = withoutOwnId(values.get("msg") ?? "", id);
  const code = values.get("code") ?? "";
  if (refusals.has(code)) {
    refuse(event, code, "END-OF-MESSAGE", memory.lastRefused === `${id} END-OF-MESSAGE`);
    return putSaid(event, said);
  }
  const next = nextQueueId(said);
  if (code !== "OK" || (next === undefined && !/^2\.\d{1,3}\.\d{1,3} /.test(said))) return;
  event.event = "delivery";
  event.status = "sent";
  putSaid(event, said);
  if (next !== undefined) event.nextQueueId = next;
  memory.putForwarded(event, id);
}

/** At the end of each answer stands the transaction's own id, and twice where a plugin gives the mail to Haraka's own queue, which says it too. */
function withoutOwnId(said: string, id: string): string {
  const connection = id.slice(0, idLength);
  let text = said;
  for (let own = idAtEnd.exec(text); own?.[1] === connection; own = idAtEnd.exec(text)) text = text.slice(0, own.index);
  return text;
}
const idAtEnd = / \(([0-9A-F-]{36})\.\d{1,9}\)$/;
const idLength = 36;

/** What Haraka itself does not take: no plugin is asked, or none knows a recipient, so that no other line says it. */
export function readBroken(event: MailEvent, text: string): boolean {
  // Above it stands `recipient <a@b> code=OK`.
  const unknown = /^S: (550 I cannot deliver mail for <([^>]{1,320})>)/.exec(text);
  if (unknown !== null) {
    event.event = "reject";
    event.reject = true;
    event.stage = "RCPT";
    event.to = unknown[2] ?? "";
    putSaid(event, unknown[1] ?? "");
    return true;
  }
  const found = /^Invalid (MAIL FROM|RCPT TO) address |^Incoming message (?:exceeded max size|had too many)/.exec(text);
  if (found === null) return false;
  event.event = "reject";
  event.reject = true;
  event.stage = found[1]?.slice(0, 4) ?? "DATA";
  event.reason = text;
  return true;
}

const refusals: ReadonlySet<string> = new Set(["DENY", "DENYSOFT", "DENYDISCONNECT", "DENYSOFTDISCONNECT"]);
const stages = table<string>({
  connect_init: "CONNECT",
  lookup_rdns: "CONNECT",
  connect: "CONNECT",
  helo: "HELO",
  ehlo: "EHLO",
  mail: "MAIL",
  rcpt: "RCPT",
  rcpt_ok: "RCPT",
  data: "DATA",
  data_post: "DATA",
  // The message was told as taken before.
  queue: "END-OF-MESSAGE",
  queue_outbound: "END-OF-MESSAGE",
});

/** `hook=rcpt plugin=p function=f params="<a@b>" retval=DENY msg="..."`. */
export function readHook(event: MailEvent, values: ReadonlyMap<string, string>, isOutbound: boolean): void {
  const hook = values.get("hook") ?? "";
  const plugin = values.get("plugin");
  const verdict = values.get("retval") ?? "";
  event.action = plugin === undefined ? hook : `${hook} ${plugin}`;
  const stage = stages[hook];
  if (stage !== undefined) event.stage = stage;
  // Without blanks it stands in no quotes, and its brackets are gone.
  const address = /^(?:<((?:"[^"]*")?[^>]*)>|([^\s<>"]+@[^\s<>"]+)$)/
    .exec(values.get("params") ?? "")
    ?.slice(1)
    .join("");
  if (address !== undefined && stage === "RCPT") event.to = address;
  if (address !== undefined && stage === "MAIL") event.from = address;
  const said = values.get("msg");
  if (said !== undefined && !said.startsWith("{")) putSaid(event, said);
  // A plugin that refuses a delivery refuses no client: what becomes of it is said in the next line.
  if (!refusals.has(verdict) || isOutbound) return;
  event.event = "reject";
  event.reject = true;
  if (verdict.startsWith("DENYSOFT")) event.action += " temporarily";
}

/** `AUTH user="joe" success=false`; plugins that say nothing of it make who failed wait: `delaying for 1 seconds`. */
export function readLogin(event: MailEvent, text: string, id: string, memory: HarakaMemory): void {
  const tried = /^AUTH user="(.{0,320}?)" (?:host="[^"]{0,255}" )?success=(true|false)$/.exec(text);
  if (tried !== null) event.saslUsername = tried[1] ?? "";
  if (tried?.[2] === "true") event.action = "authentication ok";
  const waits = /^delaying (?:response )?for \d/.test(text);
  if (tried?.[2] === "true" || (tried === null && !waits && !/fail/i.test(text))) return;
  const isCounted = waits && memory.lastRefused === `${id} AUTH`;
  memory.lastRefused = tried === null ? "" : `${id} AUTH`;
  if (isCounted) return;
  event.event = "auth-failure";
  event.reason = text;
}
