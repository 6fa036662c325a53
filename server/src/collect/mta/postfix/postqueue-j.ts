import type { ListingFormat } from "../../queue/listing.ts";
import { parseEntry } from "./listing.ts";

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
