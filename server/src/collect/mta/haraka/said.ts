import type { MailEvent } from "../../../core/event.ts";
import { readDsnEnd } from "../postfix/text.ts";

/** An answer as the reason, and its codes: `450 4.2.1 text`, `4.2.1 text`, `Upstream error: 450 4.2.1 text`. */
export function putSaid(event: MailEvent, said: string): void {
  if (said === "") return;
  event.reason = said;
  const at = said.startsWith("Upstream error: ") ? 16 : 0;
  const code = /^([245]\d\d)(?:[ -]|$)/.exec(said.slice(at, at + 4))?.[1];
  if (code !== undefined) event.code = Number(code);
  const start = code === undefined ? at : at + 4;
  const end = readDsnEnd(said, start);
  if (end > start) event.dsn = said.slice(start, end);
}
