import type { MailEvent } from "../../core/event.ts";

/** clamd(8) and clamav-milter(8): `stream(192.0.2.1@25): Name FOUND`, `PATH: Name FOUND`, `Message ID infected by Name`. */
export function readClamd(event: MailEvent, text: string): boolean {
  const milter = /^Message ([0-9A-Za-z]{5,64}) (?:from \S+ to \S+ )?infected by (\S{1,200})/.exec(text);
  if (milter !== null) {
    event.queueId = milter[1] ?? "";
    event.action = "infected";
    event.reason = milter[2] ?? "";
    return true;
  }
  // A file's name is the sender's; the signature's stands before the last word.
  const found = / (\S{1,200}) FOUND$/.exec(text);
  if (found !== null) {
    event.action = "infected";
    event.reason = found[1] ?? "";
    return true;
  }
  if (!/ERROR|LibClamAV (?:Warning|Error)|No space left/.test(text)) return false;
  event.event = "warning";
  event.reason = text;
  return true;
}
