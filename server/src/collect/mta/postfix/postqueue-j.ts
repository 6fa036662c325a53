import { type ListedEntry, type ListingFormat, mostRecipients } from "../../queue/listing.ts";
import { jsonValues } from "./json-values.ts";

/** `postqueue -j`, postqueue(1): one JSON object a line, or as jq(1) prints the same. */
export const postqueueJ: ListingFormat = {
  name: "postqueue -j",
  mta: "postfix",
  detects: (head) => /^\s*[[{]/.test(head) && head.includes('"queue_id"'),
  read: (_context, take) =>
    jsonValues((text) => {
      const entry = parseEntry(text);
      if (entry !== undefined) take(entry);
      return entry !== undefined;
    }),
};

/** One object of postqueue(1) -j; undefined when it is none. */
function parseEntry(line: string): ListedEntry | undefined {
  const { text, more } = line.length < longLength ? { text: line, more: 0 } : shortened(line);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { queue_name, queue_id, arrival_time, message_size, sender, recipients } = value as Record<string, unknown>;
  if (
    typeof queue_name !== "string" ||
    typeof queue_id !== "string" ||
    queue_id === "" ||
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
    recipients: Array.isArray(recipients) ? recipients.slice(0, mostRecipients).flatMap(recipientOf) : [],
    ...(more > 0 ? { moreRecipients: more } : {}),
  };
}

/**
 * Without the recipients that are only counted, and whole again where an over-long line was cut: parsing megabytes would hold
 * the event loop. What begins a recipient is part of no JSON text: a quotation mark within one has a backslash before it.
 */
function shortened(line: string): { readonly text: string; readonly more: number } {
  const begin = '{"address": ';
  const key = '"recipients": [';
  const list = line.indexOf(key);
  if (list < 0) return { text: line, more: 0 };
  let count = 0;
  let [end, last] = [-1, list + key.length];
  for (let at = line.indexOf(begin, list); at >= 0; at = line.indexOf(begin, at + begin.length)) {
    if (count === mostRecipients) end = at;
    count += 1;
    last = at;
  }
  const isWhole = line.endsWith("}");
  if (count <= mostRecipients && isWhole) return { text: line, more: 0 };
  // The last one of a line that was cut may be cut too.
  const kept = line.slice(0, end < 0 ? last : end).replace(/,\s*$/, "");
  return { text: `${kept}]}`, more: Math.max(0, count - mostRecipients) };
}

function recipientOf(value: unknown): ListedEntry["recipients"] {
  if (typeof value !== "object" || value === null) return [];
  const { address, delay_reason } = value as Record<string, unknown>;
  if (typeof address !== "string") return [];
  return [{ address, reason: typeof delay_reason === "string" ? delay_reason : null }];
}

/** Some hundreds of recipients with their reasons. */
const longLength = 65_536;
