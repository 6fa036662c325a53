import type { LineBlock } from "../../../../core/line-block.ts";
import { phrase, stands } from "../../../quick/phrase.ts";
import { isIdCharacter, longestId } from "../delivery.ts";

/** Where the id begins when an answer ends as most do, with `queued as ID`; 0 when it does not. */
export function readQueuedAs({ bytes, view }: LineBlock, start: number, end: number): number {
  let at = end;
  while (at > start && isIdCharacter(bytes[at - 1] ?? 0)) at--;
  const isId = at < end && end - at <= longestId;
  return isId && at - 10 >= start && stands(view, at - 10, at, queued) ? at : 0;
}

const queued = phrase("queued as ");
