import { bareAddress, type ListingFormat, OpenEntry } from "../../queue/listing.ts";

/**
 * What the showq(8) socket says: names and values, each ended by NUL; an empty name ends a record. A message's record names
 * it and then, over and over, a recipient and the reason why that one waits; recipients in records of their own are
 * read too. A record that is empty ends the listing (Postfix source, `src/showq/showq.c` and attr_print0(3)).
 */
export const showq: ListingFormat = {
  name: "showq",
  mta: "postfix",
  detects: (head) => head.startsWith("protocol\0") || head.startsWith("queue_name\0"),
  read(_context, take) {
    const entry = new OpenEntry(take);
    let name: string | null = null;
    let message: Map<string, string> | null = null;
    let recipient: string | null = null;
    let [known, empty, ended] = [false, true, false];
    let garbled = 0;

    const begin = (): void => {
      const said = message;
      message = null;
      const queueId = said?.get("queue_id") ?? "";
      const seconds = Number(said?.get("time"));
      if (said === null || queueId === "" || !(Math.abs(seconds) < 1e11)) return;
      const size = Number(said.get("size"));
      entry.begin({
        queueId,
        queue: said.get("queue_name") ?? "deferred",
        arrivalMs: seconds * 1000,
        sizeBytes: Number.isFinite(size) ? size : null,
        sender: bareAddress(said.get("sender") ?? ""),
      });
    };
    const address = (reason: string | null): void => {
      if (recipient === null) return;
      begin();
      if (!entry.recipient(recipient, reason)) garbled += 1;
      recipient = null;
    };
    const finish = (): void => {
      address(null);
      begin();
      if (!known && !empty) garbled += 1;
      ended = empty;
      [known, empty] = [false, true];
    };

    return {
      endsWith: "nul",
      piece(text) {
        if (name === null) {
          if (text === "") finish();
          else name = text;
          return;
        }
        const [said, value] = [name, text];
        name = null;
        empty = false;
        known ||= said === "protocol" || said === "queue_id" || said === "recipient";
        if (said === "recipient") {
          address(null);
          recipient = value;
        } else if (said === "reason") address(value || null);
        else {
          if (said === "queue_name") entry.close();
          message ??= new Map();
          if (message.size < mostAttributes) message.set(said, value);
        }
      },
      end() {
        const whole = ended;
        finish();
        entry.close();
        ended = whole;
      },
      get garbled() {
        return garbled;
      },
      get complete() {
        return ended;
      },
    };
  },
};

const mostAttributes = 64;
