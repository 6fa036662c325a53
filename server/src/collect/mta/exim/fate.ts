import { defaultQueue, namedQueue } from "../../../core/arrival.ts";
import type { MailEvent } from "../../../core/event.ts";

/** What became of a message otherwise: frozen, thawed, removed by an administrator. */
export function readFate(event: MailEvent, text: string): boolean {
  const moved = /^moved from .* to (\([^()]{1,255}\) )?input, msglog$/.exec(text);
  if (readChange(event, text) || readPart(event, text)) return true;
  if (/^(?:\*\*\* )?Frozen\b|^frozen by |^Message is frozen/.test(text)) event.action = "frozen";
  else if (/^(?:Unfrozen|unfrozen) /.test(text)) event.action = "thawed";
  else if (text.startsWith("removed by ") || text.startsWith("Message removed because older than ")) {
    event.event = "removed";
    event.action = "delete";
  } else if (text.startsWith("cancelled by ")) {
    // -Mg, timeout_frozen_after, a system filter: all who still wait for it get nothing, and its sender is told.
    event.event = "delivery";
    event.status = "bounced";
  } else if (/^message abandoned/i.test(text)) {
    event.event = "delivery";
    event.status = "discarded";
  } else if (moved !== null) event.action = moved[1] === undefined ? defaultQueue : namedQueue;
  else return false;
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
    const [, last = "", first] = ignored;
    // `>a@b <c@d>`: whom an automatic reply was for.
    event.to = last.startsWith(">") ? (first ?? last) : last;
    if (first !== undefined && event.to !== first) event.origTo = first;
    event.action = "error ignored";
  } else return false;
  event.reason = text;
  return true;
}

/** `PRDR R=<a@b> temporary refusal`: what becomes of one of several recipients behind the data (per-recipient data responses). */
function readPart(event: MailEvent, text: string): boolean {
  const found = /^PRDR R=<([^>]{0,1000})> (acceptance|refusal|temporary refusal)$/.exec(text);
  if (found === null) return false;
  const [, to = "", what] = found;
  event.to = to;
  event.stage = "DATA";
  if (what === "acceptance") {
    event.action = "PRDR";
    return true;
  }
  if (what === "temporary refusal") event.action = "temporarily rejected";
  event.event = "reject";
  event.reject = true;
  return true;
}
