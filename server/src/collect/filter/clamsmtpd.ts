import type { MailEvent } from "../../core/event.ts";

/** clamsmtpd(8): `100001: from=a@b, to=c@d, status=CLEAN`, or `status=VIRUS:Name`. Its number is no queue id. */
export function readClamsmtpd(event: MailEvent, text: string): boolean {
  const found = /^[0-9A-F]{6}: from=(\S{0,320}), to=(\S{0,320}), status=([A-Z]{2,16})(?::(\S{1,200}))?/.exec(text);
  if (found === null) return false;
  const [, from = "", to = "", status, name] = found;
  event.action = status === "VIRUS" ? "infected" : (status ?? "").toLowerCase();
  event.from = from;
  event.to = to;
  if (name !== undefined) event.reason = name;
  return true;
}
