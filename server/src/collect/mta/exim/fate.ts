import type { MailEvent } from "../../../core/event.ts";

/** What became of a message otherwise: frozen, thawed, removed by an administrator. */
export function readFate(event: MailEvent, text: string): boolean {
  if (readChange(event, text)) return true;
  if (/^(?:\*\*\* )?Frozen\b|^frozen by |^Message is frozen/.test(text)) event.action = "frozen";
  else if (/^(?:Unfrozen|unfrozen) /.test(text)) event.action = "thawed";
  else if (text.startsWith("removed by ") || text.startsWith("Message removed because older than ")) {
    event.event = "removed";
    event.action = "delete";
  } else if (/^(?:cancelled|message abandoned)/i.test(text)) {
    event.event = "delivery";
    event.status = "discarded";
  } else return false;
  event.reason = text;
  return true;
}

/** What an administrator changes in a message (exim -Mmd, -Mar, -Mes), and a bounce that is not sent. */
function readChange(event: MailEvent, text: string): boolean {
  const done = /^address <([^>]*)> marked delivered by /.exec(text);
  const added = /^recipient <([^>]*)> added by /.exec(text);
  const sender = /^sender address changed to <([^>]*)> by /.exec(text);
  const ignored = /^(\S{1,1000}?)(?: <([^>]*)>)?: error ignored(?:$|: )/.exec(text);
  if (done !== null) {
    event.event = "delivery";
    event.status = "discarded";
    event.to = done[1] ?? "";
  } else if (added !== null) {
    event.to = added[1] ?? "";
    event.action = "recipient added";
  } else if (sender !== null) {
    event.from = sender[1] ?? "";
    event.action = "sender changed";
  } else if (ignored !== null) {
    event.to = ignored[1] ?? "";
    if (ignored[2] !== undefined) event.origTo = ignored[2];
    event.action = "error ignored";
  } else return false;
  event.reason = text;
  return true;
}
