import type { QueueEntry } from "../../../core/observation.ts";
import type { ListingFormat } from "../../queue/listing.ts";

/** `postqueue -j`, postqueue(1): one JSON object a line. */
export const postqueueJ: ListingFormat = {
  name: "postqueue -j",
  mta: "postfix",
  detects: (head) => head.startsWith("{") && head.includes('"queue_id"'),
  read(_context, take) {
    let garbled = 0;
    return {
      piece(line) {
        if (line.trim() === "") return;
        const entry = parseEntry(line);
        if (entry === undefined) garbled += 1;
        else take(entry);
      },
      end: () => undefined,
      get garbled() {
        return garbled;
      },
    };
  },
};

/** One line of postqueue(1) -j; undefined when it is none. Of an over-long line the recipients are let go. */
function parseEntry(line: string): QueueEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const recipients = line.indexOf('"recipients": [');
    if (recipients < 0 || line.length < longestEntryBytes / 4) return undefined;
    try {
      value = JSON.parse(`${line.slice(0, recipients)}"recipients": []}`);
    } catch {
      return undefined;
    }
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { queue_name, queue_id, arrival_time, message_size, sender, recipients } = value as Record<string, unknown>;
  if (
    typeof queue_name !== "string" ||
    typeof queue_id !== "string" ||
    typeof arrival_time !== "number" ||
    !(Math.abs(arrival_time) < 1e11)
  )
    return undefined;
  return {
    queueId: queue_id,
    queue: queue_name,
    arrivalMs: arrival_time * 1000,
    sizeBytes: typeof message_size === "number" ? message_size : null,
    sender: sender === "MAILER-DAEMON" || typeof sender !== "string" ? "" : sender,
    recipients: Array.isArray(recipients) ? recipients.flatMap(recipientOf) : [],
  };
}

function recipientOf(value: unknown): QueueEntry["recipients"] {
  if (typeof value !== "object" || value === null) return [];
  const { address, delay_reason } = value as Record<string, unknown>;
  if (typeof address !== "string") return [];
  return [{ address, reason: typeof delay_reason === "string" ? delay_reason : null }];
}

/** Where a line is cut. */
const longestEntryBytes = 4 * 1024 * 1024;
