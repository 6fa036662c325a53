import type { MailEvent } from "../../../core/event.ts";
import { readDsnEnd } from "../postfix/text.ts";

/** What a refusal says, with the codes that it may begin with. */
export function putSaid(event: MailEvent, text: string): void {
  if (text === "") return;
  event.reason = text;
  const code = /^([45]\d\d)[ -]/.exec(text);
  if (code === null) return;
  event.code = Number(code[1]);
  const end = readDsnEnd(text, 4);
  if (end > 4) event.dsn = text.slice(4, end);
}
