import type { MailEvent } from "../../../core/event.ts";
import { putAnswer } from "../answer.ts";
import { putClient } from "./message.ts";
import { table } from "../../table.ts";

/** What Sendmail says that a milter had it do: `Milter: data, reject=550 5.7.1 ...`, `Milter (name): to=<a>, reject=451 ...`, `Milter: from=<a>, discard`. */
export function readMilter(event: MailEvent, text: string): boolean {
  if (readConnection(event, text)) return true;
  const found = /^[Mm]ilter\b[^:]{0,64}: (.*?)(?:, )?reject=(.*)$/.exec(text);
  if (found === null) return readDiscard(event, text);
  event.event = "reject";
  event.reject = true;
  event.action = "milter-reject";
  const [what = "", said = ""] = found.slice(1);
  const named = /^(to|from|helo|cmd)=<?([^>]*)>?$/.exec(what);
  const [, key = "", value = ""] = named ?? [];
  if (key === "to") event.to = value;
  else if (key === "from") event.from = value;
  else if (key === "helo") event.helo = value;
  event.stage = stages[key] ?? (key === "cmd" ? value : what).toUpperCase();
  // `421, errormode=4`: the connection ends too.
  putAnswer(event, said.replace(/, errormode=\d$/, ""));
  return true;
}

const stages = table<string>({ to: "RCPT", from: "MAIL", helo: "HELO" });

/** `Milter: connect: host=name, addr=ip, reject=...`; with `temp failing commands`, `rejecting commands` or `shutdown` nothing more is taken from there. */
function readConnection(event: MailEvent, text: string): boolean {
  const found =
    /^[Mm]ilter\b[^:]{0,64}: connect: host=(\S{1,255}), addr=([0-9A-Za-z:.]{3,60}), (reject(?:ing commands)?|shutdown|temp failing commands)(?:=(.*))?$/.exec(
      text,
    );
  if (found === null) return false;
  const [, host = "", address = "", verdict = "", said] = found;
  putClient(event, `${host.startsWith("[") ? "" : host} [${address}]`);
  event.event = "reject";
  event.reject = true;
  event.stage = "CONNECT";
  event.action = verdict.startsWith("temp") ? "temporarily rejected" : "milter-reject";
  if (said === undefined) event.reason = verdict;
  else putAnswer(event, said);
  return true;
}

/** `Milter: data, discard`, `Milter: from=<a>, discard`, `Milter: cmd=data, discard`. */
function readDiscard(event: MailEvent, text: string): boolean {
  const found = /^[Mm]ilter\b[^:]{0,64}: (?:to=<?([^>]{1,320})>?|[^,]{1,320}), discard$/.exec(text);
  if (found === null) return false;
  event.event = "delivery";
  event.status = "discarded";
  event.action = "milter-discard";
  if (found[1] !== undefined) event.to = found[1];
  return true;
}
