import { bareAddress, type ListingFormat, OpenEntry } from "../../queue/listing.ts";
import { LogClock } from "../../syslog/clock.ts";
import { readTime } from "../../syslog/time.ts";
import { bare } from "./fields.ts";

/**
 * `sendmail -bp` and `mailq` (Sendmail operations guide, 2.1): a line a message with a mark behind its id (`*` being
 * processed, `X` load too high, `-` too young; with `-v` the priority before the date), the reason in parentheses below,
 * then a line a recipient.
 */
export const sendmailBp: ListingFormat = {
  name: "sendmail -bp",
  mta: "sendmail",
  detects: (head) => /\(\d+ requests?\)|----Q-ID----|^\S+ is empty|Total requests: \d/m.test(head),
  read({ nowMs, zone }, take) {
    const clock = new LogClock({ zone, now: () => nowMs });
    const time = { atMs: Number.NaN, end: 0 };
    const entry = new OpenEntry(take);
    let reason: string | null = null;
    let garbled = 0;
    return {
      piece(line) {
        const message = messageLine.exec(line);
        if (message !== null) {
          const [, queueId = "", mark, size = "", date = "", clockTime = "", sender = ""] = message;
          readTime(`${date} ${clockTime}:00`, 0, clock, time);
          if (!Number.isNaN(time.atMs)) {
            reason = null;
            const queue = mark === "*" ? "active" : "queue";
            entry.begin({
              queueId,
              queue,
              arrivalMs: time.atMs,
              // Its data are gone, or not there yet.
              sizeBytes: size === "-1" ? null : Number(size),
              sender: bareAddress(bare(sender.trim())),
            });
            return;
          }
        }
        const text = line.trim();
        if (text === "") return;
        const unread = unreadLine.exec(line);
        if (unread !== null && !knownRest.test(text)) {
          const [, queueId = ""] = unread;
          reason = null;
          entry.begin({ queueId, queue: "queue", arrivalMs: arrivalOf(queueId, nowMs), sizeBytes: null, sender: "" });
          return;
        }
        if (bodyType.test(line)) return;
        // The body's type may stand before the reason.
        const why = /^(?:[78]BIT\w*\s+)?\((.*?)\)?$/.exec(text);
        if (why !== null && entry.open) {
          const said = why[1] ?? "";
          // With `-v` also who sent it (`---anna---`), and behind each recipient why that one waits.
          if (!said.startsWith("---") && !entry.lastReason(said)) reason = said;
        } else if (text.startsWith("QUARANTINE: ")) entry.move("hold");
        else if (knownRest.test(text)) entry.close();
        else if (!(/^\s/.test(line) || unindented.test(text)) || !entry.recipient(bare(text), reason)) garbled += 1;
      },
      end: () => entry.close(),
      get garbled() {
        return garbled;
      },
    };
  },
};

const messageLine =
  /^ {0,5}([0-9A-Za-z]{8}\d{4,12}|[A-Z]{2,3}\d{5,10})([*X?+-]?)\s+(-1|\d{1,15})[ +]+(?:\d{1,9}[ +]+)?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?([A-Z][a-z]{2} [ \d]\d) (\d\d:\d\d)\s+(?:[78]BIT\w*\s+)?(\S.*)$/;
/** Of a queue file that it may not read it says so behind the id: `(Permission denied)`. */
const unreadLine = /^ {0,4}([0-9A-Za-z]{8}\d{4,12}|[A-Z]{3}\d{5,10}) \([^()]{1,200}\)$/;

/** The first six characters of an id since 8.10 are year (modulo 60), month, day, hour, minute and second in UTC (queue.c). */
function arrivalOf(id: string, nowMs: number): number {
  const [year = -1, month = -1, day = -1, hour = -1, minute = -1, second = -1] = Array.from(id.slice(0, 6), (letter) =>
    idCharacters.indexOf(letter),
  );
  const isTime = month < 12 && day > 0 && day <= 31 && hour < 24 && minute < 60 && second <= 60;
  if (!isTime || /^[A-Z]{3}\d/.test(id)) return nowMs;
  const thisYear = new Date(nowMs + dayMs).getUTCFullYear();
  const age = (((thisYear - 1900 - year) % 60) + 60) % 60;
  const atMs = Date.UTC(thisYear - age, month, day, hour, minute, second);
  return atMs <= nowMs ? atMs : nowMs;
}

const idCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const dayMs = 86_400_000;

/** Of a mail that was not tried yet nothing follows it; recipients stand behind tabs. */
const bodyType = /^ {4,12}[78]BIT[A-Z]{0,8} *$/;
/** Where somebody's copy has lost the blanks in front. */
const unindented = /^<[^\s<>]+>$|^[^\s()<>]+@[^\s()<>]+$/;
const knownRest =
  /\(\d+ requests?|^-+Q-ID-+|^Total requests|is empty$|^(?:MSP|MTA) Queue|^Running |^Note: |^Warning: |\((?:no control file|job completed)\)/;
