import type { MailEvent } from "../../core/event.ts";
import { canonicalIp } from "../syslog/ip.ts";

/**
 * SpamAssassin's spamd(1): `spamd: result: Y 20 - RULES scantime=0.5,size=123,user=u,uid=0,required_score=5.0,rhost=h,raddr=ip,
 * rport=1,mid=<x>,rmid=<y>,autolearn=no`; the score is padded to two places. In a Message-ID spamd writes `_` for blanks
 * and commas. Before 3.1 its name did not stand in front.
 */
export function readSpamd(event: MailEvent, text: string): boolean {
  const found = /^(?:spamd: )?result: ([Y.]) {1,2}(-?\d{1,6}) - (?:(\S*) )? ?scantime=(\d{1,9}(?:\.\d{1,6})?),/.exec(
    text,
  );
  if (found === null) return readShort(event, text);
  event.action = found[1] === "Y" ? "spam" : "clean";
  event.score = Number(found[2]);
  event.delay = Number(found[4]);
  const id = text.indexOf(",mid=<");
  const head = text.slice(0, id < 0 ? text.length : id);
  const size = /,size=(\d{1,15})/.exec(head)?.[1];
  if (size !== undefined) event.size = Number(size);
  const required = /,required_score=(-?\d{1,6}(?:\.\d{1,6})?)/.exec(head)?.[1];
  if (required !== undefined) event.required = Number(required);
  const ip = canonicalIp(/,raddr=([0-9A-Fa-f.:]{2,45})/.exec(head)?.[1] ?? "");
  // The client of spamd is a mail server of ours.
  if (ip !== undefined) event.relayIp = ip;
  if (id >= 0) {
    const end = text.indexOf(">,", id);
    event.messageId = text.slice(id + 6, end >= 0 ? end : text.replace(/>$/, "").length);
  }
  return true;
}

/** `spamd: identified spam (20.0/5.0) for user:0 in 0.5 seconds, 123 bytes.` */
function readShort(event: MailEvent, text: string): boolean {
  const found =
    /^(?:spamd: )?(identified spam|clean message) \((-?\d{1,6}(?:\.\d{1,6})?)\/(-?\d{1,6}(?:\.\d{1,6})?)\) for .*? in (\d{1,9}(?:\.\d{1,6})?) seconds, (\d{1,15}) bytes/.exec(
      text,
    );
  if (found === null) return readAround(event, text);
  event.action = found[1] === "identified spam" ? "spam" : "clean";
  // It writes -0.0 too.
  event.score = Number(found[2]) + 0;
  event.required = Number(found[3]);
  event.delay = Number(found[4]);
  event.size = Number(found[5]);
  return true;
}

/** `spamd: processing message <x> for user:0`, and what keeps it from work: all its children are busy, errors. */
function readAround(event: MailEvent, text: string): boolean {
  const begun = /^(?:spamd: )?(?:processing|checking) message (?:<([^>\s]{1,1000})>|\(unknown\) )/.exec(text);
  if (begun !== null) {
    event.action = "begun";
    if (begun[1] !== undefined) event.messageId = begun[1];
    return true;
  }
  if (
    !/^prefork: server reached --max-(?:children|clients) setting|^(?:warn|error): |^spamd: (?:error|timeout|service unavailable|bad protocol|unauthorized|still running as root|copy_config timeout)\b/.test(
      text,
    )
  )
    return false;
  event.event = "warning";
  event.reason = text;
  return true;
}
