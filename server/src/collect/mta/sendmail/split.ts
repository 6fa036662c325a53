import type { MailEvent } from "../../../core/event.ts";
import { Kept } from "../../kept.ts";

/** More long lines at once than these are not put together. */
const mostOpen = 100;

/**
 * `split: maxrcpts=2, rcpts=5, count=2, ids=ID; ID`, or `split: count=1, id=ID` over queue groups, and `ID: clone: owner=name`
 * for a list with an owner: recipients of the message go on under these ids (queue.c, deliver.c of 8.17). A long list comes
 * in pieces; only what such a list goes on with is one, for pieces of other lines hold what strangers chose.
 */
export class SplitReader {
  /** The piece that is to come next of a list, by queue id. */
  readonly #next = new Kept<number>(mostOpen);

  /** `piece` is 0 of a whole line; `goesOn` where it says that another piece follows. */
  read(
    event: MailEvent,
    text: string,
    { piece, goesOn }: { readonly piece: number; readonly goesOn: boolean },
  ): boolean {
    const { queueId = "" } = event;
    const isNext = piece > 0 && this.#next.take(queueId) === piece;
    const list = isNext ? text : ((piece > 1 ? null : whole.exec(text)?.[1]) ?? null);
    const ids = list === null ? [] : idsOf(list);
    const clone = piece === 0 ? cloned.exec(text)?.[1] : undefined;
    if (clone === undefined && ids.length === 0) return false;
    if (goesOn) this.#next.put(queueId, piece + 1);
    event.action = clone === undefined ? "split" : "clone";
    event.splitQueueIds = clone === undefined ? ids : [clone];
    return true;
  }
}

function idsOf(list: string): string[] {
  const ids = list.split(";").map((id) => id.trim());
  // A piece ends behind the separator.
  if (ids.at(-1) === "") ids.pop();
  return ids.every((id) => oneId.test(id)) ? ids : [];
}

const whole = /^split: (?:maxrcpts=\d{1,10}, rcpts=\d{1,10}, )?count=\d{1,10}, ids?=(.*)$/;
const cloned = /^([0-9A-Za-z]{8}\d{4,12}): clone: owner=/;
const oneId = /^[0-9A-Za-z]{8}\d{4,12}$/;
