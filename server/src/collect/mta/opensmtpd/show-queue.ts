import {
  addRecipient,
  bareAddress,
  lineByLine,
  type ListedEntry,
  type ListingFormat,
  type OpenListed,
} from "../../queue/listing.ts";

/**
 * `smtpctl show queue`, smtpctl(8): a line an envelope, that is a recipient; fields by `|`: evpid, family, type, flags,
 * sender, rcpt, dest, creation, expiry, last try, tries, state, seconds, error. The first eight digits of the evpid are
 * the message's id, so messages are put together from their envelopes. Those of a message follow each other (`srv_iter_messages`
 * in smtpctl.c); a few messages are kept open all the same.
 */
export const showQueue: ListingFormat = {
  name: "smtpctl",
  mta: "opensmtpd",
  detects: (head) => envelopeLine.test(head.split("\n")[0] ?? ""),
  read(_context, take) {
    const messages = new Map<string, OpenListed>();
    const read = (line: string): boolean => {
      const fields = line.split("|");
      const [evpid = "", , , flags = "", sender = "", rcpt = "", dest = ""] = fields;
      const created = Number(fields[7]);
      if (!envelopeLine.test(line) || fields.length < 13 || !(created > 0 && created < latestSeconds)) return false;
      const id = evpid.slice(0, 8);
      let message = messages.get(id);
      if (message === undefined) {
        if (messages.size >= mostOpen) handOver(messages, 1, take);
        const queue = queueOf(flags, fields[11] ?? "", Number(fields[10]));
        message = {
          queueId: id,
          queue,
          arrivalMs: created * 1000,
          sizeBytes: null,
          // The null sender has neither user nor domain.
          sender: sender === "@" ? "" : bareAddress(sender),
          recipients: [],
        };
        messages.set(id, message);
      }
      const error = fields.slice(13).join("|");
      addRecipient(message, bareAddress(dest || rcpt), error === "" ? null : error);
      return true;
    };
    return lineByLine(read, () => handOver(messages, mostOpen, take));
  },
};

/**
 * `suspend` is an operator's (`smtpctl pause envelope`). `hold` is OpenSMTPD's own: more than `task-hiwat` (50) messages wait for that
 * relay, and the scheduler is to keep the others until some have gone (mta.c, scheduler_ramqueue.c).
 */
function queueOf(flags: string, state: string, tries: number): string {
  if (flags.includes("suspend")) return "hold";
  if (state === "inflight") return "active";
  return tries > 0 ? "deferred" : "pending";
}

/** The first that were opened. */
function handOver(messages: Map<string, OpenListed>, count: number, take: (entry: ListedEntry) => void): void {
  let taken = 0;
  for (const [id, message] of messages) {
    if (++taken > count) return;
    messages.delete(id);
    take(message);
  }
}

const envelopeLine = /^[0-9a-f]{16}\|[^|]*\|[^|]*\|/;
/** In the year 5138: no date beyond it is meant. */
const latestSeconds = 1e11;
const mostOpen = 16;
