import { bareAddress, type ListingFormat, OpenEntry } from "../../queue/listing.ts";

/**
 * What the showq(8) socket says: names and values, each ended by NUL; an empty name ends a record. A message's record is
 * followed by one record a recipient (Postfix source, `proto/` and attr_print0(3)).
 */
export const showq: ListingFormat = {
  name: "showq",
  mta: "postfix",
  detects: (head) => head.startsWith("protocol\0") || head.startsWith("queue_name\0"),
  read(_context, take) {
    const entry = new OpenEntry(take);
    let record = new Map<string, string>();
    let name: string | null = null;
    let garbled = 0;

    const finish = () => {
      const said = record;
      record = new Map();
      if (said.size === 0 || said.has("protocol")) return;
      const queueId = said.get("queue_id");
      const recipient = said.get("recipient");
      const seconds = Number(said.get("time"));
      if (queueId !== undefined && Math.abs(seconds) < 1e11) {
        const size = Number(said.get("size"));
        entry.begin({
          queueId,
          queue: said.get("queue_name") ?? "deferred",
          arrivalMs: seconds * 1000,
          sizeBytes: Number.isFinite(size) ? size : null,
          sender: bareAddress(said.get("sender") ?? ""),
        });
      }
      if (recipient !== undefined && !entry.recipient(recipient, said.get("reason") || null)) garbled += 1;
      if (queueId === undefined && recipient === undefined) garbled += 1;
    };

    return {
      piece(text) {
        if (name !== null) {
          if (record.size < mostAttributes) record.set(name, text);
          name = null;
        } else if (text === "") finish();
        else name = text;
      },
      end() {
        finish();
        entry.close();
      },
      get garbled() {
        return garbled;
      },
    };
  },
};

const mostAttributes = 64;
