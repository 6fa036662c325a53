import { logPlugin } from "../log-plugin.ts";
import { queuePlugin } from "../queue-plugin.ts";
import { sendmailBp } from "./bp.ts";
import { createSendmailParser } from "./parse.ts";
import { quarantineOf } from "./quarantine.ts";

/** Follows the log of a Sendmail. */
export const sendmailLog = logPlugin("sendmail-log", createSendmailParser);

/** Lists the queue of a Sendmail. */
export const sendmailQueue = queuePlugin("sendmail-queue", {
  format: sendmailBp,
  command: ["sendmail", "-bp"],
  also: (command) => {
    const quarantine = quarantineOf(command);
    return quarantine === null ? [] : [quarantine];
  },
});
