import { collectorId } from "@mailtide/shared";
import { z } from "zod";
import { size } from "../../config/duration.ts";
import type { MailEvent } from "../../core/event.ts";
import type { NodePlugin } from "../plugin.ts";
import { LogClock } from "../syslog/clock.ts";
import { followLog } from "../tail/follow.ts";

const logConfig = z.strictObject({
  /** The file that the MTA, or syslog for it, writes to. */
  path: z.string().min(1),
  /** Where to begin at the very first start. */
  from: z.enum(["end", "start"]).default("end"),
  /** How much to read back at the very first start, so that what waits in the queue is known. */
  lookback: size.default(8 * 1024 * 1024),
  /** Whether the screen's data age waits for this log. */
  required: z.boolean().default(true),
});

/** The file is looked at five times a second: after this long without a look something is wrong. */
const logLimitSeconds = 10;

type LineReader = (line: Buffer) => MailEvent;

/** Follows a log file of the MTA; `createParser` is called at each start, for one line after the other. */
export function logPlugin<const Type extends string>(
  type: Type,
  createParser: (context: { readonly clock: LogClock }) => LineReader,
): NodePlugin<Type, typeof logConfig> {
  return {
    type,
    config: logConfig,
    create: ({ path, from, lookback, required }, { id, timezone }) =>
      followLog({
        id: collectorId(`${id}/${type}`),
        node: id,
        required,
        limitSeconds: logLimitSeconds,
        path,
        from,
        lookbackBytes: lookback,
        createParser: (context) => createParser({ clock: new LogClock({ zone: timezone, now: () => context.now() }) }),
      }),
  };
}
