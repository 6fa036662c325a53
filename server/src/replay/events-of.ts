import type { MailEvent } from "../core/event.ts";
import type { LineReader } from "../core/line-block.ts";
import { type LinesRead, lineText } from "./lines.ts";

/** The lines of a block as one parser reads them: from the bytes, where it can. */
export function eventsOf(parse: LineReader, block: LinesRead): MailEvent[] {
  const { inBlock } = parse;
  const { count, starts, ends } = block;
  // Of its length from the beginning: a list that grows is copied again and again.
  const events = Array<MailEvent>(count);
  for (let at = 0; at < count; at++)
    events[at] = inBlock === undefined ? parse(lineText(block, at)) : inBlock(block, starts[at] ?? 0, ends[at] ?? 0);
  for (const at of block.truncated) {
    const cut = events[at];
    if (cut !== undefined) cut.truncated = true;
  }
  return events;
}
