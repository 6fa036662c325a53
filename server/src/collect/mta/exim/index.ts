import { logPlugin } from "../log-plugin.ts";
import { queuePlugin } from "../queue-plugin.ts";
import { eximBp } from "./bp.ts";
import { namedQueuesOf } from "./named-queues.ts";
import { createEximParser } from "./parse.ts";

/** Follows Exim's main log. The reject and panic logs say the same again. */
export const eximLog = logPlugin("exim-log", createEximParser);

/** Lists an Exim queue, unsorted: sorting a large one takes Exim far longer than reading it. */
export const eximQueue = queuePlugin("exim-queue", {
  format: eximBp,
  command: ["exim4", "-bpr"],
  also: namedQueuesOf,
  namesQueues: true,
  tellsReasons: false,
});
