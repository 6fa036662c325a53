import type { MailEvent } from "../../../core/event.ts";
import type { LogClock } from "../../syslog/clock.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { createSyslogParser, type LineParser } from "../../syslog/parser.ts";
import { unwrapped } from "../../syslog/wrapped.ts";
import { longestLineBytes } from "../../tail/split.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import { HarakaMemory, type RecipientCounts } from "./memory.ts";
import { hopFailed, readOutbound } from "./outbound.ts";
import { readBroken, readEnvelope, readHook, readLogin, readQueue, refuse } from "./refusals.ts";
import { putSaid } from "./said.ts";
import { asDefaultFormat } from "./structured.ts";
import { readValues } from "./values.ts";

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
    if (line.length > longestLineBytes) return read(given);
    // A container's logger wraps it in an object of its own.
    const unpacked = line.startsWith('{"log":') ? unwrapped(line) : line;
    const own = unpacked.includes(escape) ? unpacked.replaceAll(colours, "") : unpacked;
    // With no host and no tag before it, nothing tells a syslog header's reader where the text begins.
    const before = structured.exec(own)?.[1] ?? "";
    const text = asDefaultFormat(own.slice(before.length).trimEnd());
    if (text !== undefined) return read(before + text);
    return read(own === unpacked ? given : own);
  };
}

/** On a terminal, a container's too, Haraka writes in colours (logger.js). */
const escape = "\u001B";
// oxlint-disable-next-line no-control-regex
const colours = /\u001B\[[\d;]{0,16}m/g;

/** Behind a time of its own, or what a container's logger puts there. */
const structured = /^([\w.: |+-]{0,120} )(?:\{"level":|level=)/;

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
  const [whole, , id = "-", named = ""] = found;
  const rest = text.slice(whole.length).trimStart();
  // Up to 2.8 what no mail was at hand for was logged by the core, with its origin as text.
  const isOutbound = named === "core" && rest.startsWith(outbound);
  const origin = isOutbound ? "outbound" : named;
  // A connection is no message.
  if (/\.\d/.test(id)) event.queueId = id.split(".").slice(0, 2).join(".");
  event.process = origin;
  const said = isOutbound ? rest.slice(outbound.length) : rest;
  readText(event, said, { id, origin, memory });
  if (event.event === "reject" || event.event === "auth-failure") memory.putClient(event, id);
  // A hop that fails is no fault of ours: the next is tried.
  if (!isError || event.event !== "other" || event.action === hopFailed) return;
  event.event = "warning";
  event.reason ??= said;
}

const outbound = "[outbound] ";
const errors = /\[(?:ERROR|CRIT|ALERT|EMERG)\]/;

interface Line {
  /** As it stands there: of a connection, of a transaction, or of a delivery. */
  readonly id: string;
  readonly origin: string;
  readonly memory: HarakaMemory;
}

function readText(event: MailEvent, text: string, { id, origin, memory }: Line): void {
  const word = /^[a-z]+/.exec(text)?.[0] ?? "";
  const values = readValues(text.slice(word.length));
  if (text.startsWith("hook=")) {
    readHook(event, readValues(text), origin.startsWith("outbound"));
    if (event.reject === true) memory.lastRefused = `${id} ${event.stage ?? ""}`;
  } else if (text.startsWith("HAProxy ")) {
    readProxy(event, readValues(text.slice(8)));
    memory.connected(id, event);
  } else if (word === "connect" && values.has("ip")) {
    readConnection(event, "connect", values);
    memory.connected(id, event);
  } else if (word === "disconnect" && values.has("ip")) {
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

/** `HAProxy proto=TCP4 src_ip=192.0.2.7:41022 dst_ip=198.51.100.1:25`: whom the balancer, who connected, speaks for. */
function readProxy(event: MailEvent, values: ReadonlyMap<string, string>): void {
  event.action = "HAProxy";
  const source = /^(.*):(\d{1,5})$/.exec(values.get("src_ip") ?? "");
  const ip = canonicalIp(source?.[1] ?? "");
  if (ip === undefined) return;
  event.clientIp = ip;
  event.clientPort = Number(source?.[2]);
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
