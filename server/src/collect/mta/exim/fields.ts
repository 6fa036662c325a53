import type { MailEvent } from "../../../core/event.ts";
import { type EximHost, readHost } from "./host.ts";
import { table } from "../../table.ts";

/** The `KEY=value` fields of a line, as far as they are one; the first of a key counts, because later ones may be forged. */
export interface Fields {
  readonly values: ReadonlyMap<string, string>;
  readonly host: EximHost | undefined;
  /** Where something begins that is no field. */
  readonly end: number;
}

/**
 * Reads fields from `start`. Values end at a blank; quoted ones at their closing quote; `H=` takes a whole host. `id=`,
 * `T="subject"` and what follows them on an arrival line were written by the sender and end the reading.
 */
export function readFields(text: string, start: number, until: ReadonlySet<string> = none): Fields {
  const values = new Map<string, string>();
  let host: EximHost | undefined;
  let at = start;
  for (let fields = 0; fields < mostFields; fields++) {
    while (text.charCodeAt(at) === space) at++;
    const key = keyAt(text, at);
    if (key === "") {
      const flag = flagLetters.has(text.charCodeAt(at)) ? bareFlag.exec(text.slice(at, at + 8))?.[0] : undefined;
      if (flag === undefined) break;
      at += flag.length;
      continue;
    }
    if (until.has(key)) break;
    const value = at + key.length + 1;
    const found = key === "H" ? readHost(text, value) : undefined;
    if (found !== undefined) {
      host ??= found;
      // `*`: a further message over the same connection.
      at = text.charCodeAt(found.end) === asterisk ? found.end + 1 : found.end;
      continue;
    }
    // A local delivery names the host alone that a router found for it, an arrival what it called itself too.
    if (key === "H" && !bareName.test(text.slice(value, value + longestName))) break;
    // The return path of a delivery; an arrival's protocol has the same key and no brackets.
    if (key === "F" || (key === "P" && text.charCodeAt(value) === less)) {
      const sender = readAddress(text, value);
      if (!values.has(key)) values.set(key, sender.value);
      at = sender.end;
      continue;
    }
    const end = valueEnd(text, value) + blanksIn(text, key, value, until);
    const quoted = text.charCodeAt(value) === quote;
    if (!values.has(key)) values.set(key, quoted ? text.slice(value + 1, end - 1) : text.slice(value, end));
    at = end;
    // A shadow transport, and in parentheses what went wrong there.
    if (key === "ST" && text.startsWith(" (", at)) at = Math.max(at, text.indexOf(")", at) + 1);
    // `defer (-44) H=...: reason` and the like: a colon right behind a value ends the fields.
    if (text.charCodeAt(at) === colon) break;
  }
  return { values, host, end: at };
}

function keyAt(text: string, start: number): string {
  let at = start;
  while (at - start < longestKey && isKey(text.charCodeAt(at))) at++;
  if (at > start && text.charCodeAt(at) === equals) return text.slice(start, at);
  // A Message-ID that Exim made (log selector `msg_id_created`).
  return text.startsWith("id*=", start) ? "id*" : "";
}

const isKey = (code: number) =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === underscore;

/** Behind the value at `start`; of a quoted one behind its closing quote. A colon at its very end is no part of it. */
function valueEnd(text: string, start: number): number {
  if (text.charCodeAt(start) === quote) {
    for (let at = start + 1; at < text.length; at++) {
      if (text.charCodeAt(at) === backslash) at++;
      else if (text.charCodeAt(at) === quote) return at + 1;
    }
    return text.length;
  }
  const blank = text.indexOf(" ", start);
  const end = blank < 0 ? text.length : blank;
  return text.charCodeAt(end - 1) === colon && end - 1 > start ? end - 1 : end;
}

/**
 * How much of a value stands behind a blank: names of users may hold some, and it is known what follows them. What a client's
 * identd says of its user (RFC 1413) may look like fields.
 */
function blanksIn(text: string, key: string, start: number, until: ReadonlySet<string>): number {
  if (text.charCodeAt(start) === quote) return 0;
  const follows = (until === none ? behindRefused : behindArrived)[key];
  if (follows === undefined) return 0;
  const end = valueEnd(text, start);
  const isField = key === "A" && (keyAt(text, end + 1) !== "" || bareFlag.test(text.slice(end + 1, end + 9)));
  return isField ? 0 : (follows.exec(text.slice(end, end + longestUser))?.[0].length ?? 1) - 1;
}

const behindArrived = table<RegExp>({
  U: /^.*? (?=(?:[A-Z]{1,4}=\S+ )*P=)/,
  A: /^.*? (?=S=\d|K S=|PRX=|PRDR )/,
});
const behindRefused = table<RegExp>({
  U: /^.*? (?=(?:[A-Z]{1,4}=(?:"[^"]*"|<[^>]*>|\S+) )*(?:(?:temporarily )?rejected |incomplete transaction ))/,
});
const longestUser = 1_000;

/** An address at `start` up to a blank; a quoted local part may hold blanks. In brackets only when it begins with one. */
export function readAddress(text: string, start: number): { readonly value: string; readonly end: number } {
  const angled = text.charCodeAt(start) === less;
  let at = angled ? start + 1 : start;
  if (text.charCodeAt(at) === quote) at = Math.max(at, valueEnd(text, at));
  const stop = text.indexOf(angled ? ">" : " ", at);
  const end = stop < 0 ? text.length : stop;
  return { value: text.slice(angled ? start + 1 : start, end), end: Math.min(text.length, angled ? end + 1 : end) };
}

/** `X=cipher A=authenticator:id`. */
export function putSecurity(event: MailEvent, values: Fields["values"]): void {
  const tls = values.get("X");
  if (tls !== undefined) event.tls = tls;
  const login = values.get("A") ?? "";
  const colon = login.indexOf(":");
  const method = colon < 0 ? login : login.slice(0, colon);
  if (method !== "") event.saslMethod = method;
  if (colon >= 0) event.saslUsername = login.slice(colon + 1);
}

/** `3s`, `0.125s`, `1m2s`, `2d3h4m5s` in seconds; undefined when it is no time. */
export function seconds(text: string): number | undefined {
  if (text === "") return undefined;
  const found = /^(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9}(?:\.\d{1,6})?)s)?$/.exec(
    text,
  );
  if (found === null) return undefined;
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, rest = 0] = found.map((part) =>
    part === undefined ? undefined : Number(part),
  );
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + rest;
}

/**
 * CHUNKING, pipelining (`L`, `L-` not used, `L.` early offered, `L*` early), PRDR, SMTPUTF8, TCP Fast Open, DNSSEC and a chain of ARC
 * that holds are noted without a value.
 */
const bareFlag = /^(?:K|L[.*-]{0,2}|PRDR|SMTPUTF8|TFO\*{0,2}|DS|ARC)(?= |$)/;
const flagLetters: ReadonlySet<number> = new Set([65, 68, 75, 76, 80, 83, 84]);
const bareName = /^[\w.:-]{1,255}(?: (?!\()|$)/;
const longestName = 260;
const none: ReadonlySet<string> = new Set();
const mostFields = 40;
const longestKey = 12;
const space = 32;
const quote = 34;
const asterisk = 42;
const colon = 58;
const less = 60;
const equals = 61;
const backslash = 92;
const underscore = 95;

/** `a@b "c d"@e`: addresses with a blank between; a quoted local part may hold blanks. */
export function addressesOf(list: string): string[] {
  return list.includes('"')
    ? (list.match(/"(?:[^"\\]|\\.){1,255}"@[^ ]{1,255}|[^ ]+/g) ?? [])
    : list.split(" ").filter((one) => one !== "");
}
