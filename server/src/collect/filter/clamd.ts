import type { MailEvent } from "../../core/event.ts";
import { bareAddress } from "../queue/listing.ts";

/** clamd(8) and clamav-milter(8): `stream(192.0.2.1@25): Name FOUND`, `PATH: Name FOUND`, `Message ID infected by Name`. */
export function readClamd(event: MailEvent, text: string): boolean {
  const milter = /^Message ([0-9A-Za-z]{5,64}) (?:from (\S+) to (\S+) )?infected by (\S{1,200})/.exec(text);
  if (milter !== null) {
    const [, queueId = "", from, to, name = ""] = milter;
    event.queueId = queueId;
    event.action = "infected";
    event.reason = name;
    putAddresses(event, from, to);
    return true;
  }
  const clean = /^Clean message from (\S+) to (\S+)$/.exec(text);
  if (clean !== null) {
    event.action = "clean";
    putAddresses(event, clean[1], clean[2]);
    return true;
  }
  // A file's name is the sender's; the signature's stands before the last word.
  const found = / (\S{1,200}) FOUND$/.exec(text);
  if (found !== null) {
    event.action = "infected";
    event.reason = found[1] ?? "";
    return true;
  }
  if (!/ERROR|^WARNING: |LibClamAV (?:Warning|Error)|No space left/.test(text)) return false;
  event.event = "warning";
  event.reason = text;
  return true;
}

function putAddresses(event: MailEvent, from: string | undefined, to: string | undefined): void {
  if (from !== undefined) event.from = bareAddress(from);
  if (to !== undefined) event.to = bareAddress(to);
}
