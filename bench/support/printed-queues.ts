import { createWriteStream } from "node:fs";
import { once } from "node:events";

/** More than two days ago. */
const beganSeconds = Math.floor(Date.now() / 1_000) - 200_000;

/** Queues of so many messages as other programs print them, for whoever has not got so many: a message in each, in words of their own. */
export const printedQueues: Readonly<Record<string, { readonly mta: string; readonly queue: PrintedQueue }>> = {
  "exim -bp": {
    mta: "exim",
    queue: {
      message: (at) =>
        ` ${1 + (at % 70)}h  2.9K ${eximId(at)} <a${at % 900}@far.test>\n          b${at}@d${at % 50}.test\n\n`,
    },
  },
  "exim -bpi": { mta: "exim", queue: { message: (at) => `${eximId(at)}\n` } },
  "sendmail -bp": {
    mta: "sendmail",
    queue: {
      head: "\t\t/var/spool/mqueue (100000 requests)\n-----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n",
      message: (at) =>
        `5AN${letters(at, 5)}${String(at).padStart(6, "0")}      900 Mon Nov 23 1${at % 9}:${10 + (at % 50)} <a${at % 900}@far.test>\n` +
        `                 (Deferred: Connection timed out with mx.d${at % 50}.test.)\n\t\t\t\t\t <b${at}@d${at % 50}.test>\n`,
      tail: "\t\tTotal requests: 100000\n",
    },
  },
  smtpctl: {
    mta: "opensmtpd",
    queue: {
      message: (at) =>
        `${at.toString(16).padStart(8, "0")}00000001|inet4|mta||a${at % 900}@far.test|b${at}@d${at % 50}.test|b${at}@d${at % 50}.test|` +
        `${beganSeconds + at}|${beganSeconds + 900_000}|${beganSeconds + 190_000}|3|pending|100|Network error on destination MXs\n`,
    },
  },
  "haraka --qlist": {
    mta: "haraka",
    queue: {
      message: (at) =>
        `Q: ${1_000 * (beganSeconds + at)}_${1_000 * (beganSeconds + 210_000)}_3_${at}_abcdef_${at}_mx1 rcpt:1 from:<a${at % 900}@far.test> domain:d${at % 50}.test\n`,
    },
  },
};

interface PrintedQueue {
  readonly head?: string;
  message(at: number): string;
  readonly tail?: string;
}

export async function printInto(
  path: string,
  { head = "", message, tail = "" }: PrintedQueue,
  count: number,
): Promise<void> {
  const file = createWriteStream(path);
  file.write(head);
  for (let at = 0; at < count; at++) if (!file.write(message(at))) await once(file, "drain");
  file.end(tail);
  await once(file, "close");
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const letters = (value: number, length: number): string =>
  length === 0 ? "" : letters(Math.floor(value / 62), length - 1) + (alphabet[value % 62] ?? "");
/** As Exim 4.97 and later name a message, from the second of its arrival on. */
const eximId = (at: number): string => `${letters(beganSeconds + at, 6)}-000000${letters(at, 5)}-0${letters(at, 3)}`;
