import { bareAddress, lineByLine, type ListingFormat, OpenEntry, type Table } from "../../queue/listing.ts";
import { arrivalOf, idPattern } from "./id-time.ts";

/** `exiqgrep -b`: id, sender and recipients on a line. When a message came its id tells; size and frozen are not told. */
export const exiqgrepB: ListingFormat = {
  name: "exiqgrep -b",
  mta: "exim",
  detects: (head) => briefLine.test(head.split("\n", 1)[0] ?? ""),
  read({ nowMs }, take) {
    const entry = new OpenEntry(take);
    return lineByLine((line) => {
      const brief = briefLine.exec(line);
      if (brief === null) return false;
      const [, queueId = "", sender = "", recipients = ""] = brief;
      entry.begin({
        queueId,
        queue: "queue",
        arrivalMs: arrivalOf(queueId, nowMs),
        sizeBytes: null,
        sender: bareAddress(sender),
      });
      for (const recipient of recipients.split(";"))
        if (recipient !== "" && !done.test(recipient)) entry.recipient(bareAddress(recipient), null);
      entry.close();
      return true;
    });
  },
};

export const exiqsumm: Table = {
  name: "exiqsumm",
  mta: "exim",
  detects: (head) => /^\s*Count\s+Volume\s+Oldest\s+Newest\s+Domain\s*$/m.test(head),
  madeOf: "exim -bp",
};

const briefLine = new RegExp(`^(${idPattern}) From: (<.*?>) To: ?(.*)$`);
/** What `-a` adds. */
const done = /^\+?D /;
