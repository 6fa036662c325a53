import type { MailEvent } from "../../core/event.ts";
import { bareAddress } from "../queue/listing.ts";

/**
 * clamd(8) and clamav-milter(8): `stream(192.0.2.1@25): Name FOUND`, `PATH: Name FOUND`, `Message from <a> to <b> infected by Name`; with
 * `LogInfected Full` and `LogClean Full` also `Message ID from <a> to <b> with subject '...' message-id '<x>' date '...' infected by Name`.
 */
export function readClamd(event: MailEvent, text: string): boolean {
  if (readMilter(event, text)) return true;
  // The host that had it scanned: a mail server of ours.
  if (/^[^ ]{1,200}: OK$/.test(text)) {
    event.action = "clean";
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

function readMilter(event: MailEvent, text: string): boolean {
  const found =
    /^(Clean m|M)essage (?:(?!from <)(\S{1,64}) )?(?:from (<.*?>|\S+) to (<.*?>|\S+)(?= with subject '| infected by |$))?/.exec(
      text,
    );
  if (found === null) return false;
  const [, kind, queueId, from, to] = found;
  // The subject is the sender's; the name stands at the very end.
  const name = / infected by (\S{1,200})$/.exec(text)?.[1];
  if (kind === "M" && name === undefined) return false;
  event.action = kind === "M" ? "infected" : "clean";
  if (name !== undefined) event.reason = name;
  if (queueId !== undefined) event.queueId = queueId;
  putAddresses(event, from, to);
  const id = /^.* message-id '<?([^']{1,1000}?)>?' date '/.exec(text)?.[1];
  if (id !== undefined) event.messageId = id;
  return true;
}

function putAddresses(event: MailEvent, from: string | undefined, to: string | undefined): void {
  if (from !== undefined) event.from = bareAddress(from);
  if (to !== undefined) event.to = bareAddress(to);
}
