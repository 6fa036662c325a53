import type { MailEvent } from "../../../core/event.ts";
import { readKeyValues } from "../../key-values.ts";
import type { LogClock } from "../../syslog/clock.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { createSyslogParser, type LineParser } from "../../syslog/parser.ts";
import { longestLineBytes } from "../../tail/split.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import { HarakaMemory, type RecipientCounts } from "./memory.ts";
import { hopFailed, readOutbound } from "./outbound.ts";
import { putSaid } from "./said.ts";
import { asDefaultFormat } from "./structured.ts";

/**
 * A parser for Haraka's log in its default format: `[LEVEL] [UUID] [ORIGIN] text`, with or without a time before it and
 * through syslog (Haraka documentation, "Logging"). The UUID is the connection's, with `.n` its nth transaction's, with a
 * further `.n` that of an outbound delivery.
 */
export function createHarakaParser({ clock }: { readonly clock: LogClock }): LineParser {
  const memory = new HarakaMemory();
  const read = createSyslogParser(clock, (event, body) => readBody(event, body, memory));
  return (given) => {
    const line = typeof given === "string" ? given : given.toString("utf8");
    // With no host and no tag before it, nothing tells a syslog header's reader where the text begins.
    const stamp = structured.exec(line)?.[1] ?? "";
    const text = line.length > longestLineBytes ? undefined : asDefaultFormat(line.slice(stamp.length).trimEnd());
    return read(text === undefined ? given : stamp + text);
  };
}

const structured = /^(\d{4}-\d\d-\d\dT[\d:.]{8,15}Z )(?:\{"level":|level=)/;

const head =
  /^(?:\[([A-Z]{3,8})\] )?\[([0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}(?:\.\d{1,9}){0,2}|-)\] \[([\w./-]{1,64})\] /;

function readBody(event: MailEvent, body: string, memory: HarakaMemory): void {
  const plain = asDefaultFormat(body);
  if (plain !== undefined) return readBody(event, plain, memory);
  // The header's reader may take `[LEVEL]` for a host's name.
  const start = body.search(/\[[0-9A-F]{8}-|\[-\] \[/);
  const text = start > 0 && start < 16 ? body.slice(start) : body;
  const isError = errors.test(`${event.host ?? ""}${body.slice(0, Math.max(start, 12))}`);
  if (event.host?.startsWith("[") === true) delete event.host;
  const found = head.exec(text);
  if (found === null) return;
  const [whole, , id = "-", origin = ""] = found;
  // A connection is no message.
  if (/\.\d/.test(id)) event.queueId = id.split(".").slice(0, 2).join(".");
  event.process = origin;
  const said = text.slice(whole.length).trimStart();
  readText(event, said, { id, origin, memory });
  if (event.event === "reject" || event.event === "auth-failure") memory.putClient(event, id);
  // A hop that fails is no fault of ours: the next is tried.
  if (!isError || event.event !== "other" || event.action === hopFailed) return;
  event.event = "warning";
  event.reason ??= said;
}

const errors = /\[(?:ERROR|CRIT|ALERT|EMERG)\]/;

interface Line {
  /** As it stands there: of a connection, of a transaction, or of a delivery. */
  readonly id: string;
  readonly origin: string;
  readonly memory: HarakaMemory;
}

function readText(event: MailEvent, text: string, { id, origin, memory }: Line): void {
  const word = /^[a-z]+/.exec(text)?.[0] ?? "";
  const values = readKeyValues(text.slice(word.length));
  if (text.startsWith("hook=")) {
    readHook(event, readKeyValues(text), origin.startsWith("outbound"));
    if (event.reject === true) memory.lastRefused = `${id} ${event.stage ?? ""}`;
  } else if (text.startsWith("HAProxy ")) {
    readProxy(event, readKeyValues(text.slice(8)));
    memory.connected(id, event);
  } else if (word === "connect") {
    readConnection(event, "connect", values);
    memory.connected(id, event);
  } else if (word === "disconnect") {
    readConnection(event, "disconnect", values);
    memory.disconnected(id);
  } else if (word === "message") {
    readMessage(event, values, memory.lastRefused === `${id} DATA`);
    if (event.event === "message") memory.putOrigin(event, id);
  } else if (word === "queue" && values.has("code")) readQueue(event, values, id, memory);
  else if (text.startsWith("forwarding to ")) {
    event.action = "forwarding";
    memory.forwarding(id, text.slice(14));
  } else if (word === "delivered") {
    readDelivered(event, values);
    memory.takeCause({ event: "other" }, id);
    memory.delivered(id, values.get("domain") ?? "", recipientsIn(values));
  } else if (origin.startsWith("outbound")) readOutbound(event, text, id, memory);
  else if (/^auth fail/i.test(text) || origin.startsWith("auth/")) readLogin(event, text, id, memory);
  else if (readBroken(event, text)) return;
  else if (word !== "") {
    event.action = word;
    readEnvelope(event, text, id, memory);
  }
}

/** `sender <a@b> code=CONT msg=""`, `recipient <c@d> code=OK msg="" sender=a@b`: what all plugins said together. */
function readEnvelope(event: MailEvent, text: string, id: string, memory: HarakaMemory): void {
  const found = /^(sender|recipient) <(.{0,320}?)> (?=code=)/.exec(text);
  if (found === null) return;
  const [whole, who, address = ""] = found;
  const values = readKeyValues(text.slice(whole.length));
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

function readConnection(event: MailEvent, kind: "connect" | "disconnect", values: ReadonlyMap<string, string>): void {
  event.event = kind;
  const ip = canonicalIp(values.get("ip") ?? "");
  if (ip !== undefined) event.clientIp = ip;
  const port = Number(values.get("port") ?? Number.NaN);
  if (Number.isFinite(port)) event.clientPort = port;
  const name = values.get("rdns");
  if (name !== undefined && name !== "") event.clientName = name;
  const helo = values.get("helo");
  if (helo !== undefined && helo !== "") event.helo = helo;
  if (values.get("tls") === "Y") event.tls = "Y";
}

/** `rcpts=DONE/OFF/REFUSED`: how many recipients were accepted, put off and refused. */
function recipientsIn(values: ReadonlyMap<string, string>): RecipientCounts | null {
  const counts = /^(\d{1,6})(?:\/(\d{1,6})\/(\d{1,6}))?$/.exec(values.get("rcpts") ?? "");
  return counts && [Number(counts[1]), Number(counts[2] ?? 0), Number(counts[3] ?? 0)];
}

/** `message mid=<id> size=451 rcpts=1/0/0 delay=0.009 code=CONT msg=""`: accepted, put off and refused recipients. */
function readMessage(event: MailEvent, values: ReadonlyMap<string, string>, isCounted: boolean): void {
  event.event = "message";
  // Haraka writes the id as it stands in the header: with its brackets or without.
  const id = values.get("mid");
  if (id !== undefined && id !== "") event.messageId = id.replace(/^<|>$/g, "");
  const size = Number(values.get("size") ?? Number.NaN);
  if (Number.isFinite(size)) event.size = size;
  const accepted = recipientsIn(values)?.[0];
  if (accepted !== undefined) event.nrcpt = accepted;
  const code = values.get("code") ?? "";
  if (!code.startsWith("DENY")) return;
  refuse(event, code, "DATA", isCounted);
  const said = values.get("msg");
  if (said !== undefined) putSaid(event, said);
}

/** A plugin's own line may have been counted. */
function refuse(event: MailEvent, code: string, stage: string, isCounted: boolean): void {
  event.event = isCounted ? "other" : "reject";
  if (!isCounted) event.reject = true;
  event.stage = stage;
  event.action = code;
}

/**
 * `queue code=OK msg="2.0.0 Ok: queued as ID (UUID.1)"`: the next hop has it, where a plugin forwards it while the client waits (queue/smtp_forward);
 * `Message Queued` is Haraka's own queue. `code=DENY msg="queue says no (UUID.1)"`: refused after all.
 */
function readQueue(event: MailEvent, values: ReadonlyMap<string, string>, id: string, memory: HarakaMemory): void {
  event.action = "queue";
  const said = (values.get("msg") ?? "").replace(/ \([0-9A-F-]{36}\.\d{1,9}\)$/, "");
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

/** `HAProxy proto=TCP4 src_ip=192.0.2.7:41022 dst_ip=198.51.100.1:25`: whom the balancer, who connected, speaks for. */
function readProxy(event: MailEvent, values: ReadonlyMap<string, string>): void {
  event.action = "HAProxy";
  const source = /^(.*):(\d{1,5})$/.exec(values.get("src_ip") ?? "");
  const ip = canonicalIp(source?.[1] ?? "");
  if (ip === undefined) return;
  event.clientIp = ip;
  event.clientPort = Number(source?.[2]);
}

/** What Haraka itself does not take: no plugin is asked, so that no other line says it. */
function readBroken(event: MailEvent, text: string): boolean {
  const found = /^Invalid (MAIL FROM|RCPT TO) address |^Incoming message (?:exceeded max size|had too many)/.exec(text);
  if (found === null) return false;
  event.event = "reject";
  event.reject = true;
  event.stage = found[1]?.slice(0, 4) ?? "DATA";
  event.reason = text;
  return true;
}

/** `delivered file= domain= host= ip= port= mode= tls= auth= response="..." delay= fails= rcpts=1/0/0`. */
function readDelivered(event: MailEvent, values: ReadonlyMap<string, string>): void {
  event.event = "delivery";
  event.status = "sent";
  const host = values.get("host");
  const ip = canonicalIp(values.get("ip") ?? "");
  if (host !== undefined || ip !== undefined) event.relay = host ?? ip ?? "";
  if (ip !== undefined) event.relayIp = ip;
  const port = Number(values.get("port") ?? Number.NaN);
  if (Number.isFinite(port)) event.relayPort = port;
  const delay = Number(values.get("delay") ?? Number.NaN);
  if (Number.isFinite(delay)) event.delay = delay;
  const domain = values.get("domain");
  // Only the domain of the recipients is told.
  if (domain !== undefined) event.to = `@${domain}`;
  const accepted = recipientsIn(values)?.[0];
  if (accepted !== undefined) event.nrcpt = accepted;
  const said = values.get("response");
  if (said === undefined) return;
  putSaid(event, said);
  const next = nextQueueId(said);
  if (next !== undefined) event.nextQueueId = next;
}

const refusals: ReadonlySet<string> = new Set(["DENY", "DENYSOFT", "DENYDISCONNECT", "DENYSOFTDISCONNECT"]);
const stages: Readonly<Record<string, string | undefined>> = {
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
};

/** `hook=rcpt plugin=p function=f params="<a@b>" retval=DENY msg="..."`. */
function readHook(event: MailEvent, values: ReadonlyMap<string, string>, isOutbound: boolean): void {
  const hook = values.get("hook") ?? "";
  const plugin = values.get("plugin");
  const verdict = values.get("retval") ?? "";
  event.action = plugin === undefined ? hook : `${hook} ${plugin}`;
  const stage = stages[hook];
  if (stage !== undefined) event.stage = stage;
  // Without blanks it stands in no quotes, and its brackets are gone.
  const address = /^(?:<([^>]*)>|([^\s<>"]+@[^\s<>"]+)$)/
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
function readLogin(event: MailEvent, text: string, id: string, memory: HarakaMemory): void {
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
