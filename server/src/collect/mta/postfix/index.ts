import { collectorId } from "@mailtide/shared";
import { z } from "zod";
import { duration, size } from "../../../config/duration.ts";
import { compileHops } from "../../../core/model/hops.ts";
import type { NodePlugin } from "../../plugin.ts";
import { LogClock } from "../../syslog/clock.ts";
import { followLog } from "../../tail/follow.ts";
import { createPostfixParser } from "./parse.ts";
import { createQueueCollector } from "./queue.ts";

const logConfig = z.strictObject({
  /** The file that Postfix, or syslog for it, writes to. */
  path: z.string().min(1),
  /** Where to begin at the very first start. */
  from: z.enum(["end", "start"]).default("end"),
  /** How much to read back at the very first start, so that what waits in the queue is known. */
  lookback: size.default(8 * 1024 * 1024),
  /** Whether the screen's data age waits for this log. */
  required: z.boolean().default(true),
});

/** Follows a Postfix log file. */
export const postfixLog: NodePlugin<"postfix-log", typeof logConfig> = {
  type: "postfix-log",
  config: logConfig,
  create: ({ path, from, lookback, required }, { id, timezone }) =>
    followLog({
      id: collectorId(`${id}/postfix-log`),
      node: id,
      required,
      limitSeconds: logLimitSeconds,
      path,
      from,
      lookbackBytes: lookback,
      createParser: (context) =>
        createPostfixParser({ clock: new LogClock({ zone: timezone, now: () => context.now() }) }),
    }),
};

const queueConfig = z.strictObject({
  /** Between the end of one listing and the begin of the next; longer when a listing takes long. */
  every: duration.default(10),
  deadline: duration.default(60),
  /** What prints the listing, for an instance of its own: `[postqueue, -c, /etc/postfix-out, -j]`. */
  command: z.array(z.string()).min(1).default(["postqueue", "-j"]),
  required: z.boolean().default(false),
});

/** Lists a Postfix queue with `postqueue -j`. */
export const postfixQueue: NodePlugin<"postfix-queue", typeof queueConfig> = {
  type: "postfix-queue",
  config: queueConfig,
  create: ({ every, deadline, command, required }, { id, ownHops }) =>
    createQueueCollector({
      id: collectorId(`${id}/postfix-queue`),
      node: id,
      required,
      everySeconds: every,
      deadlineSeconds: deadline,
      command,
      hops: compileHops(ownHops),
    }),
};

/** The file is looked at five times a second: after this long without a look something is wrong. */
const logLimitSeconds = 10;
