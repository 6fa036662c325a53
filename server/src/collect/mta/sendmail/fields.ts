import { canonicalIp } from "../../syslog/ip.ts";

/**
 * `key=value, key=value`: a value ends where `, ` and the next known key follow, because addresses and answers may hold
 * commas. The first of a key counts; `stat=` and `reject=` run to the end, for what they quote was said by the far side.
 */
export function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let at = 0;
  for (let count = 0; count < mostFields; count++) {
    const equals = text.indexOf("=", at);
    const key = equals < 0 ? "" : text.slice(at, equals);
    if (!keys.has(key)) break;
    const end = last.has(key) ? text.length : valueEnd(text, equals + 1);
    if (!fields.has(key)) fields.set(key, text.slice(equals + 1, end));
    at = end + 2;
  }
  return fields;
}

/** A value in angle brackets ends behind one, and a quoted local part in it may hold anything. */
function valueEnd(text: string, start: number): number {
  const angled = text.charCodeAt(start) === less;
  const from = angled ? Math.max(start, text.indexOf(">", quotedEnd(text, start + 1))) : start;
  for (let comma = text.indexOf(", ", from); comma >= 0; comma = text.indexOf(", ", comma + 2)) {
    const next = /^([a-z_0-9]{2,12})=/.exec(text.slice(comma + 2, comma + 16));
    if (next !== null && keys.has(next[1] ?? "")) return comma;
  }
  return text.length;
}

function quotedEnd(text: string, start: number): number {
  if (text.charCodeAt(start) !== quote) return start;
  for (let at = start + 1; at < text.length; at++) {
    if (text.charCodeAt(at) === backslash) at++;
    else if (text.charCodeAt(at) === quote) return at + 1;
  }
  return start;
}

const quote = 34;
const less = 60;
const backslash = 92;

const keys: ReadonlySet<string> = new Set(
  (
    "from size class pri nrcpts bodytype msgid proto daemon relay tls_verify auth to ctladdr delay xdelay mailer dsn stat " +
    "ruleset arg1 arg2 reject discard quarantine intvl env_from env_rcpt tls_version cipher bits verify ntries reply version " +
    "mech authid action milter stage status info"
  ).split(" "),
);
const last: ReadonlySet<string> = new Set(["stat", "reject"]);
const mostFields = 40;

export interface SendmailHost {
  readonly name: string | undefined;
  readonly ip: string | undefined;
}

/** `name [ip] (may be forged)`, `[ip]`, `login@localhost`, `IDENT:login@name [ip]`, `name (ip)`, `localhost [[UNIX: localhost]]`, `mx.far.example. [192.0.2.1]`. */
export function readHost(text: string): SendmailHost {
  const trimmed = text.trim();
  // Who is logged in there says so itself (RFC 1413).
  const place = trimmed.slice(/^[^[]{0,512}@/.exec(trimmed)?.[0].length ?? 0);
  const found =
    /^(\S*?)\.?\s*\[([0-9A-Za-z:.*]{3,60})\]/.exec(place) ?? /^(\S+) \(([0-9A-Fa-f:.]{3,60})\)$/.exec(place);
  if (found === null) {
    const name = place.replace(/ \[\[UNIX: [^\]]{0,255}\]\]$/, "").replace(/\.$/, "");
    return { name: name === "" ? undefined : name, ip: undefined };
  }
  return { name: found[1] === "" ? undefined : found[1], ip: canonicalIp(found[2] ?? "") };
}

/** `<a@b>` or bare; of several recipients each. `[more]` at the end: another line of the same names the others. */
export function addresses(text: string): string[] {
  return text
    .replace(/, \[more\]$/, "")
    .split(/,(?=[<\w"])/)
    .slice(0, 1_000)
    .map((one) => bare(one.trim()));
}

/** `<a@b>`, `a@b`, and as whoever sends it has written it, with a name: `Anna Shop <a@b>`, `"Shop, Anna" <a@b>`, `a@b (Anna)`. */
export function bare(address: string): string {
  if (address.endsWith(")")) return remarked.exec(address)?.[1] ?? address;
  if (!address.endsWith(">")) return address;
  return address.startsWith("<") ? address.slice(1, -1) : (named.exec(address)?.[1] ?? address);
}

/** A command and a file are no names. */
const named = /^(?![|/]|"[|/])(?:[^<>"]|"(?:[^"\\]|\\.){0,255}"){1,255}<([^<>]*)>$/;
const remarked = /^([^\s<>()|/"]{1,320}) \([^()]{0,255}\)$/;

/** `00:01:02`, or `1+02:03:04` with days, in seconds. */
export function seconds(text: string): number | undefined {
  const found = /^(?:(\d{1,6})\+)?(\d\d):(\d\d):(\d\d)$/.exec(text);
  if (found === null) return undefined;
  const [, days = "0", hours = "0", minutes = "0", rest = "0"] = found;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(rest);
}
