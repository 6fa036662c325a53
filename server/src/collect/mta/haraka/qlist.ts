import { bareAddress, lineByLine, type ListedEntry, type ListingFormat, mostRecipients } from "../../queue/listing.ts";

/**
 * `haraka -c DIR --qlist`: a line a queue file. Its name tells arrival and next attempt in ms and the attempts so far
 * (`arrival_next_attempts_pid_uid_counter_host`, Haraka `outbound/qfile.js` as documented).
 */
export const harakaQlist: ListingFormat = {
  name: "haraka --qlist",
  mta: "haraka",
  detects: (head) => /^Q: \d{13}_\d/m.test(head),
  read: (_context, take) =>
    lineByLine((line) => {
      const text = line.trim();
      const entry = entryOf(text);
      if (entry !== null) take(entry);
      return entry !== null || besides.test(text);
    }),
};

/** What Haraka and its modules print before the list. */
const besides = /^\{ queue_dir|^queue_(dir|count)|^\}|^Loading|^LOG|^Using iconv-lite|^loaded /;
const fileLine = /^Q: ((\d{13})_(\d{13})_(\d{1,9})_\S+) rcpt:(\d{1,9}) from:(<.*?>|\S*) domain:(\S+)/;

function entryOf(line: string): ListedEntry | null {
  const found = fileLine.exec(line);
  if (found === null) return null;
  const [, queueId = "", arrival, , attempts, count, from = "", domain = ""] = found;
  const named = Math.min(Number(count), mostRecipients);
  const more = Number(count) - named;
  return {
    queueId,
    queue: Number(attempts) > 0 ? "deferred" : "pending",
    arrivalMs: Number(arrival),
    sizeBytes: null,
    sender: bareAddress(from),
    // The listing counts the recipients and names only their domain.
    recipients: Array.from({ length: named }, () => ({ address: `@${domain}`, reason: null })),
    ...(more > 0 ? { moreRecipients: more } : {}),
  };
}
