import { collectorId } from "@mailtide/shared";
import { z } from "zod";
import { duration, size } from "../../config/duration.ts";
import { followJournal } from "../journald/follow.ts";
import { collectLines } from "../lines/collect-lines.ts";
import type { LineWay } from "../lines/line-way.ts";
import { standardInput } from "../lines/standard-input.ts";
import type { NodePlugin } from "../plugin.ts";
import { LogClock } from "../syslog/clock.ts";
import type { MailEvent } from "../../core/event.ts";
import { addressList } from "../syslog-in/addresses.ts";
import type { SyslogHub } from "../syslog-in/hub.ts";
import { syslogLines } from "../syslog-in/lines.ts";
import { followFile, type FollowOptions } from "../tail/follow.ts";

const journald = z.strictObject({
  /** Units whose messages are read; default: everything of the mail facility. */
  units: z.array(z.string().regex(/^[\w@.:\\-]{1,255}$/, "not the name of a unit")).default([]),
  /** How far to look back at the very first start. */
  lookback: duration.default(3_600),
  /** What prints the journal, for a folder of its own: `[journalctl, --directory=/srv/journal]`. */
  command: z.array(z.string()).min(1).default(["journalctl"]),
});

const syslog = z.strictObject({
  /** Addresses or prefixes that send this node's log. */
  address: addressList,
  /** Where one address sends for several nodes: the host names in the lines of this one. */
  host: z.array(z.string().min(1).max(255)).min(1).optional(),
  /** Silent for longer than this is said. */
  silence: duration.default(3_600),
});

/** One log of an MTA; exactly one of `path`, `journald`, `syslog` and `stdin` says how its lines come in. */
const logConfig = z
  .strictObject({
    /** The file that the MTA, or syslog for it, writes to. */
    path: z.string().min(1).optional(),
    journald: journald.optional(),
    syslog: syslog.optional(),
    stdin: z.literal(true).optional(),
    /** Of a file: where to begin at the very first start. */
    from: z.enum(["end", "start"]).default("end"),
    /** Of a file: how much to read back at the very first start, so that what waits in the queue is known. */
    lookback: size.default(8 * 1024 * 1024),
    /** Of a file: the folder into which it is rotated, where that is another; from the log's own folder, or absolute. */
    olddir: z.string().min(1).optional(),
    /** Whether the screen's data age waits for this log. */
    required: z.boolean().default(true),
  })
  .refine(
    ({ path, journald: journal, syslog: network, stdin }) =>
      [path, journal, network, stdin].filter((way) => way !== undefined).length === 1,
    "a log comes in one way: name path, journald, syslog or stdin",
  );

/** The log of an MTA, by any way: one line for each MTA that writes one. `follow` is for one that writes no plain file. */
export function logPlugin<const Type extends string>(
  type: Type,
  createParser: (options: { readonly clock: LogClock }) => (line: Buffer) => MailEvent,
  follow: (options: FollowOptions) => LineWay = followFile,
): NodePlugin<Type, typeof logConfig> {
  return {
    type,
    config: logConfig,
    create: (options, { id, timezone, syslog: hub }) =>
      collectLines({
        id: collectorId(`${id}/${type}`),
        node: id,
        required: options.required,
        limitSeconds: logLimitSeconds,
        log: options.path ?? "the journal",
        way: wayOf(`${id}/${type}`, options, hub, follow),
        createParser: (context) => createParser({ clock: new LogClock({ zone: timezone, now: () => context.now() }) }),
      }),
  };
}

function wayOf(
  id: string,
  options: z.infer<typeof logConfig>,
  hub: SyslogHub | undefined,
  follow: (options: FollowOptions) => LineWay,
): LineWay {
  if (options.journald !== undefined) return followJournal(options.journald);
  if (options.stdin === true) return standardInput();
  if (options.syslog !== undefined) {
    if (hub === undefined) throw new Error('a log comes by syslog: the key "syslog" must say where to listen');
    return syslogLines(hub, id, options.syslog);
  }
  if (options.path === undefined) throw new Error("a log without a way in");
  const { path, from, lookback: lookbackBytes, olddir } = options;
  return follow({ path, from, lookbackBytes, olddir });
}

/** Every way says several times a second that it looked: after this long without a word something is wrong. */
const logLimitSeconds = 10;
