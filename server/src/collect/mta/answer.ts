import type { MailEvent } from "../../core/event.ts";
import { readDsnEnd } from "./postfix/text.ts";

/** An SMTP answer as the reason, and its codes where it has them: `250 2.0.0 Ok` (RFC 5321, RFC 3463). */
export function putAnswer(event: MailEvent, said: string): void {
  event.reason = said;
  const code = /^([245]\d\d)(?:[ -]|$)/.exec(said)?.[1];
  if (code === undefined) return;
  event.code = Number(code);
  const end = readDsnEnd(said, 4);
  if (end > 4) event.dsn = said.slice(4, end);
}
