import type { MailEvent } from "../../../core/event.ts";
import { putClient, putReply } from "./message.ts";

/** Lines that are no list of fields: what clients do, what is refused in words, what goes wrong with ourselves. */
export function readSession(event: MailEvent, text: string): void {
  if (readLogin(event, text) || readUnknownUser(event, text) || readMilter(event, text)) return;
  for (const { pattern, kind, action, stage } of kinds) {
    const found = pattern.exec(text);
    if (found === null) continue;
    event.event = kind;
    event.action = action;
    if (stage) event.stage = (found[2] ?? "").toUpperCase();
    if (kind === "reject") event.reject = true;
    putClient(event, found[1]);
    return;
  }
  if (/^SYSERR|^NOQUEUE: SYSERR|: cannot |No space left|insufficient disk|file system full/i.test(text)) {
    event.event = "warning";
    event.reason = text;
  }
}

/** A client: `name [ip]` with or without a name, perhaps marked as forged. No two quantifiers meet over the same spaces. */
const peer = String.raw`((?:[^\s\[\]]+ +| *)\[[0-9A-Za-z:.]{3,60}\])(?: \(may be forged\))?`;
const kinds: readonly {
  readonly pattern: RegExp;
  readonly kind: MailEvent["event"];
  readonly action: string;
  /** The second group is the SMTP command. */
  readonly stage?: boolean;
}[] = [
  { pattern: new RegExp(`^connect from ${peer}`), kind: "connect", action: "connect" },
  { pattern: new RegExp(`^${peer}: possible SMTP attack`), kind: "warning", action: "possible SMTP attack" },
  {
    pattern: new RegExp(`^${peer}: (VRFY|EXPN|ETRN) \\S* ?\\[rejected\\]`, "i"),
    kind: "reject",
    action: "rejected",
    stage: true,
  },
  {
    pattern: new RegExp(`^rejecting commands from {1,4}${peer} due to pre-greeting`),
    kind: "reject",
    action: "pre-greeting",
  },
  { pattern: new RegExp(`^${peer} did not issue `), kind: "disconnect", action: "no MAIL" },
  { pattern: new RegExp(`^lost input channel from ${peer}`), kind: "disconnect", action: "lost connection" },
  { pattern: new RegExp(`^timeout waiting for input from ${peer}`), kind: "disconnect", action: "timeout" },
  {
    pattern: new RegExp(`^collect: (?:premature EOM|unexpected close|read timeout) on connection from ${peer}`),
    kind: "disconnect",
    action: "lost connection",
  },
];

/** `AUTH failure (LOGIN): ..., user=name, relay=host [ip]`: a user may call itself `x, relay=[ip]`, so the last one counts. */
function readLogin(event: MailEvent, text: string): boolean {
  const found = /^AUTH failure \(([\w-]{1,32})\): /.exec(text);
  if (found === null) return false;
  event.event = "auth-failure";
  event.saslMethod = found[1] ?? "";
  const relay = text.lastIndexOf(", relay=");
  if (relay >= 0) putClient(event, text.slice(relay + 8));
  const user = text.indexOf(", user=");
  if (user >= 0 && user < relay) event.saslUsername = text.slice(user + 7, relay);
  event.reason = text.slice(found[0].length, user >= 0 ? user : relay >= 0 ? relay : text.length);
  return true;
}

/** `<a@b>... User unknown`: a recipient that is refused; who wanted it stands in the `from=` line of the same id. */
function readUnknownUser(event: MailEvent, text: string): boolean {
  const found = /^<([^>]*)>\.\.\. (.*)$/.exec(text);
  if (found === null) return false;
  event.event = "reject";
  event.reject = true;
  event.stage = "RCPT";
  event.to = found[1] ?? "";
  event.reason = found[2] ?? "";
  return true;
}

/** `Milter: data, reject=550 5.7.1 ...`, `Milter (name): to=<a>, reject=451 ...`. */
function readMilter(event: MailEvent, text: string): boolean {
  const found = /^[Mm]ilter\b[^:]{0,64}: (.*?)(?:, )?reject=(.*)$/.exec(text);
  if (found === null) return false;
  event.event = "reject";
  event.reject = true;
  event.action = "milter-reject";
  const what = found[1] ?? "";
  const address = /^(to|from)=<?([^>]*)>?$/.exec(what);
  if (address?.[1] === "to") event.to = address[2] ?? "";
  else if (address?.[1] === "from") event.from = address[2] ?? "";
  event.stage = address === null ? what.toUpperCase() : address[1] === "to" ? "RCPT" : "MAIL";
  putReply(event, found[2] ?? "");
  return true;
}
