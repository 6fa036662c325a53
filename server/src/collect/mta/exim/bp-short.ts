import { lineByLine, type ListingFormat } from "../../queue/listing.ts";
import { arrivalOf, idPattern } from "./id-time.ts";

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
      let told = false;
      return lineByLine((line) => {
        const messages = told ? undefined : count.exec(line)?.[1];
        told = true;
        if (Number(messages) > 0) take({ ...unnamed, messages: Number(messages), arrivalMs: null });
        return messages !== undefined;
      });
    },
  };
}

/** `exim -bpi`: the ids alone, a line each. */
export const eximBpi: ListingFormat = {
  name: "exim -bpi",
  mta: "exim",
  detects: (head) => idLine.test(head.split("\n", 1)[0] ?? ""),
  read({ nowMs }, take) {
    return lineByLine((line) => {
      const queueId = idLine.exec(line)?.[1];
      if (queueId === undefined) return false;
      take({ ...unnamed, queueId, arrivalMs: arrivalOf(queueId, nowMs) });
      return true;
    });
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

const idLine = new RegExp(String.raw`^\s*(${idPattern})\s*$`);
