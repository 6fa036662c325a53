import { bareAddress, type ListingFormat, OpenEntry } from "../../queue/listing.ts";
import { LogClock } from "../../syslog/clock.ts";
import { readTime } from "../../syslog/time.ts";

/**
 * `postqueue -p` and `mailq`, postqueue(1): a line a message with a mark behind its id (`*` active, `!` on hold, none:
 * deferred; `#` forced to expire), then reasons in parentheses, each followed by the recipients that it stopped.
 */
export const postqueueP: ListingFormat = {
  name: "postqueue -p",
  mta: "postfix",
  detects: (head) => /^ {0,8}(?:-+Queue ID-|Mail queue is empty|-- \d+ Kbytes)/m.test(head),
  read({ nowMs, zone }, take) {
    const clock = new LogClock({ zone, now: () => nowMs });
    const time = { atMs: Number.NaN, end: 0 };
    const entry = new OpenEntry(take);
    let reason: string | null = null;
    let [garbled, ended] = [0, false];
    return {
      piece(line) {
        const message = messageLine.exec(line);
        if (message !== null) {
          const [, queueId = "", marks = "", size = "", date = "", sender = ""] = message;
          readTime(date, 0, clock, time);
          if (!Number.isNaN(time.atMs)) {
            reason = null;
            const isDropped = dropped.test(sender);
            const queue = marks.includes("*")
              ? "active"
              : marks.includes("!")
                ? "hold"
                : isDropped
                  ? "maildrop"
                  : "deferred";
            entry.begin({
              queueId,
              queue,
              arrivalMs: time.atMs,
              sizeBytes: Number(size),
              sender: isDropped ? "" : bareAddress(sender.trim()),
            });
            return;
          }
        }
        const text = line.trim();
        ended ||= lastLine.test(text);
        if (text === "") entry.close();
        else if (text.startsWith("(") && entry.open) reason = text === unstated ? null : text.replace(/^\(|\)$/g, "");
        else if ((/^\s/.test(line) || unindented.test(text)) && entry.recipient(bareAddress(text), reason)) return;
        else if (!knownRest.test(text)) garbled += 1;
      },
      end: () => entry.close(),
      get garbled() {
        return garbled;
      },
      get complete() {
        return ended;
      },
    };
  },
};

/**
 * Before 3.1 the mark stood in a column of its own, and nothing between it and a size of eight digits. In somebody's copy all
 * may stand further in, but never as far as a recipient.
 */
const messageLine =
  /^ {0,8}([0-9A-Za-z]{5,})(?: *([*!#]{1,2}) *|\s+)(\d{1,15}) (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) {1,4}(\S.*)$/;
/** What only pickup(8) may open: before 3.1 it told whose it is, and no more. */
const dropped = /^\(?maildrop queue, sender UID \d+\)?$/;
/** For a recipient that the defer log does not name, behind one that it names. */
const unstated = "(reason unavailable)";
/** Where somebody's copy has lost the blanks in front. */
const unindented = /^[^\s()]+@[^\s()]+$/;
const lastLine = /^Mail queue is empty|^-- \d+ Kbytes in \d+ Requests?\./;
const knownRest = /^-+Queue ID-|^Mail queue is empty|^-- \d+ |^postqueue: |^mailq: /;
