import { bareAddress, type ListingFormat, OpenEntry } from "../../queue/listing.ts";
import { arrivalOf, idPattern } from "./id-time.ts";
import { table } from "../../table.ts";

/**
 * `exim -bp`, `-bpr`, `-bpa`, `-bpu` (Exim specification, 5.2): age, size, id, sender and perhaps `*** frozen ***`, then
 * a line a recipient, `D` before those that are done (`+D`: with all their children). It says no reasons.
 */
export const eximBp: ListingFormat = {
  name: "exim -bp",
  mta: "exim",
  detects: (head) => head.split("\n").some((line) => messageLine.test(line) || spoolError.test(line)),
  read({ nowMs }, take) {
    const entry = new OpenEntry(take);
    let garbled = 0;
    return {
      piece(line) {
        const message = messageLine.exec(line);
        const unread = message === null ? unreadLine.exec(line)?.[1] : undefined;
        if (unread !== undefined) {
          entry.begin({
            queueId: unread,
            queue: "corrupt",
            arrivalMs: arrivalOf(unread, nowMs),
            sizeBytes: null,
            sender: "",
          });
          return;
        }
        if (message !== null) {
          const [, age = "", size, queueId = "", rest = ""] = message;
          const frozen = rest.endsWith("*** frozen ***");
          // A spool file that Exim cannot read still is a message that waits.
          const sender = rest.startsWith("*** spool ")
            ? ""
            : (frozen ? rest.slice(0, -"*** frozen ***".length) : rest).trim().replace(login, "");
          entry.begin({
            queueId,
            queue: frozen ? "frozen" : "queue",
            arrivalMs: nowMs - ageMs(age),
            sizeBytes: size === undefined ? null : bytes(size),
            sender: bareAddress(sender),
          });
          return;
        }
        if (spoolError.test(line) && entry.open) return;
        // In somebody's copy, on a line of its own.
        if (line.trim() === "*** frozen ***" && entry.open) return entry.move("frozen");
        const recipient = /^\s+(\+?D )?(\S.*)$/.exec(line);
        if (line.trim() === "") entry.close();
        else if (recipient === null || !entry.open) garbled += 1;
        // What is done waits no more.
        else if (recipient[1] === undefined) entry.recipient(bareAddress(recipient[2]?.trim() ?? ""), null);
      },
      end: () => entry.close(),
      get garbled() {
        return garbled;
      },
    };
  },
};

const messageLine = new RegExp(
  String.raw`^\s*(\d{1,6}[smhdw])\s+(?:([\d.]{1,12}[KMGT]?)\s+)?(${idPattern})(?:\s+(.*?))?\s*$`,
);

/** Of a spool file that Exim cannot read it knows nothing but the id, and says below what is wrong (queue.c of 4.96). */
const unreadLine = new RegExp(String.raw`^\s+(?:[\d.]{1,12}[KMGT]?\s+)?(${idPattern})\s*$`);
const spoolError = /^ {4}\*\*\* spool (?:format|read) error.*\*\*\*/;
/** Who handed it over, where he may not say who sends. */
const login = /^\([^)]*\) | \([^)]*\)$/;

const units = table<number>({
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
});
const ageMs = (age: string): number => Number(age.slice(0, -1)) * (units[age.slice(-1)] ?? 0);

const powers = "KMGT";
function bytes(size: string): number | null {
  const power = powers.indexOf(size.slice(-1)) + 1;
  const value = Number(power > 0 ? size.slice(0, -1) : size) * 1024 ** power;
  return Number.isFinite(value) ? Math.round(value) : null;
}
