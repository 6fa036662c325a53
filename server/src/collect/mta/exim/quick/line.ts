import type { MailEvent } from "../../../../core/event.ts";
import type { LineBlock } from "../../../../core/line-block.ts";
import { indexIn } from "../../../quick/bytes.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { readQuickArrival } from "./arrival.ts";
import { readQuickDelivery } from "./delivery.ts";
import { readQuickRejection } from "./refusal.ts";
import { messageIds } from "./seen.ts";
import { readQuickConnection, readQuickLogin, readQuickNameless, readQuickSilence } from "./session.ts";
import { readQuickDeferral, readQuickFailure } from "./unfinished.ts";

/**
 * The commonest kinds of line, read from the bytes behind the time, each only in exactly the form that Exim gives it. False
 * when it is anything else: then the event may be half filled, and the text is read, which would give just the same.
 */
export function readQuickLine(event: MailEvent, block: LineBlock, start: number, end: number): boolean {
  const { bytes, view } = block;
  if (bytes[start + 6] === dash) {
    const idEnd = messageIds.read(block, start, end);
    const at = idEnd + 1;
    if (idEnd === 0) return false;
    event.queueId = messageIds.text;
    if (stands(view, at, end, completed)) {
      event.event = "removed";
      return at + 9 === end;
    }
    if (at + 3 >= end) return false;
    if (bytes[at + 2] === space) return readFlagged(event, block, at, end);
    const isHop = bytes[at] === letterH && bytes[at + 1] === equals && isPlainWord(view, at, end);
    return isHop && readQuickSilence(event, block, at, end);
  }
  const first = bytes[start] ?? 0;
  if (first === letterS) return readQuickConnection(event, block, start, end);
  if (first === letterH && bytes[start + 1] === equals)
    return isPlainWord(view, start, end) && readQuickRejection(event, block, start - 1, end);
  return readQuickLogin(event, block, start, end) || readQuickNameless(event, block, start, end);
}

/** `<= `, `=> `, `== ` and the like, at `at`. */
function readFlagged(event: MailEvent, block: LineBlock, at: number, end: number): boolean {
  const { bytes } = block;
  const first = bytes[at];
  const second = bytes[at + 1];
  if (second === greater) return isDelivery(first) && readQuickDelivery(event, block, at + 3, end);
  if (second === asterisk) return first === asterisk && readQuickFailure(event, block, at + 3, end);
  if (second !== equals) return false;
  if (first === less) return readQuickArrival(event, block, at + 3, end);
  return first === equals && readQuickDeferral(event, block, at + 3, end);
}

/** `=>`, `->`, `>>`. */
const isDelivery = (first: number | undefined): boolean => first === equals || first === dash || first === greater;

/** The path of a program could stand in a word with a slash. */
function isPlainWord(view: DataView, start: number, end: number): boolean {
  const blank = indexIn(view, space, start, end);
  return indexIn(view, slash, start, blank < 0 ? end : blank) < 0;
}

const completed = phrase("Completed");
const space = 32;
const asterisk = 42;
const dash = 45;
const slash = 47;
const less = 60;
const equals = 61;
const greater = 62;
const letterH = 72;
const letterS = 83;
