import { logPlugin } from "../log-plugin.ts";
import { queuePlugin } from "../queue-plugin.ts";
import { createOpensmtpdParser } from "./parse.ts";
import { showQueue } from "./show-queue.ts";

/** Follows the log of an OpenSMTPD. */
export const opensmtpdLog = logPlugin("opensmtpd-log", createOpensmtpdParser);

/** Lists the queue of an OpenSMTPD. */
export const opensmtpdQueue = queuePlugin("opensmtpd-queue", {
  format: showQueue,
  command: ["smtpctl", "show", "queue"],
});
