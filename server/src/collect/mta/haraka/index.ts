import { logPlugin } from "../log-plugin.ts";
import { queuePlugin } from "../queue-plugin.ts";
import { createHarakaParser } from "./parse.ts";
import { harakaQlist } from "./qlist.ts";

/** Follows the log of a Haraka. */
export const harakaLog = logPlugin("haraka-log", createHarakaParser);

/** Lists the outbound queue of a Haraka: `[haraka, -c, /etc/haraka, --qlist]`. The log calls the same mail by other ids. */
export const harakaQueue = queuePlugin("haraka-queue", {
  format: harakaQlist,
  tellsReasons: false,
  comparesIds: false,
});
