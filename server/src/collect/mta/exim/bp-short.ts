import type { ListingFormat } from "../../queue/listing.ts";
import { arrivalOf } from "./id-time.ts";

/** `exim -bpc`: how many messages there are, and nothing else (Exim specification, 5.2). */
export const eximBpc = counted("exim -bpc", /^\s*(\d{1,9})\s*$/);

/** `exiqgrep -c`: how many messages it would have listed. */
export const exiqgrepC = counted("exiqgrep -c", /^(\d{1,9}) matches out of \d{1,9} messages\s*$/);

function counted(name: string, count: RegExp): ListingFormat {
  return {
    name,
    mta: "exim",
    detects: (head) => count.test(head),
    read(_context, take) {
      let garbled = 0;
      let told = false;
      return {
        piece(line) {
          if (line.trim() === "") return;
          const messages = told ? undefined : count.exec(line)?.[1];
          if (messages === undefined) garbled += 1;
          else if (Number(messages) > 0) take({ ...unnamed, messages: Number(messages), arrivalMs: null });
          told = true;
        },
        end: () => undefined,
        get garbled() {
          return garbled;
        },
      };
    },
  };
}

/** `exim -bpi`: the ids alone, a line each. */
export const eximBpi: ListingFormat = {
  name: "exim -bpi",
  mta: "exim",
  detects: (head) => idLine.test(head.split("\n", 1)[0] ?? ""),
  read({ nowMs }, take) {
    let garbled = 0;
    return {
      piece(line) {
        if (line.trim() === "") return;
        const queueId = idLine.exec(line)?.[1];
        if (queueId === undefined) {
          garbled += 1;
          return;
        }
        take({ ...unnamed, queueId, arrivalMs: arrivalOf(queueId, nowMs) });
      },
      end: () => undefined,
      get garbled() {
        return garbled;
      },
    };
  },
};

const unnamed = {
  queueId: "",
  queue: "queue",
  sizeBytes: null,
  sender: "",
  recipients: [],
  namesNobody: true,
} as const;

const idLine = /^\s*([0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4}))\s*$/;
