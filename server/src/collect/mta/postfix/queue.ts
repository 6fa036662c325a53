import { basename } from "node:path";
import { collectorId } from "@mailtide/shared";
import { z } from "zod";
import { duration } from "../../../config/duration.ts";
import { compileHops } from "../../../core/model/hops.ts";
import type { NodePlugin } from "../../plugin.ts";
import { createQueueCollector } from "../../queue/collector.ts";
import { runListing } from "../../queue/run.ts";
import { always, type QueueWay, type WayChooser } from "../../queue/way.ts";
import { chooseWay, diskIsCalm } from "./spool/choose.ts";
import { postqueueWay } from "./spool/postqueue.ts";
import { scanWay } from "./spool/scan.ts";
import { showqWay } from "./spool/socket.ts";

const queueConfig = z
  .strictObject({
    /** Between the end of one look and the begin of the next; longer when a look takes long. */
    every: duration.default(10),
    deadline: duration.default(60),
    /** `auto`: the cheapest that is permitted and tells enough. */
    method: z.enum(["auto", "scan", "showq", "postqueue"]).default("auto"),
    /** What prints the listing, with its arguments; no shell reads it. `-c` in it names the instance. */
    command: z.array(z.string()).min(1).default(["postqueue", "-j"]),
    /** Where the queue is; default: what postconf(1) says of the instance. */
    queueDirectory: z.string().startsWith("/").optional(),
    /** By which name this instance logs; default: what postconf(1) says of it. */
    syslogName: z
      .string()
      .regex(/^[\w.:@-]+(?:\/[\w.:@-]+)*$/, "not a syslog_name")
      .max(60)
      .optional(),
    required: z.boolean().default(false),
  })
  .refine(({ method, queueDirectory }) => method !== "postqueue" || queueDirectory === undefined, {
    path: ["queueDirectory"],
    message: "is of a scan or of showq: postqueue knows itself where its queue is",
  });
type QueueConfig = z.infer<typeof queueConfig>;

/** Looks at a Postfix queue; at another instance's with `[postqueue, -c, /etc/postfix-out, -j]`. */
export const postfixQueue: NodePlugin<"postfix-queue", typeof queueConfig> = {
  type: "postfix-queue",
  config: queueConfig,
  idOf: nameOfQueue,
  create: (options, { id, timezone, ownHops, hasLog }) =>
    createQueueCollector({
      id: collectorId(`${id}/${nameOfQueue(options)}`),
      node: id,
      required: options.required,
      everySeconds: options.every,
      deadlineSeconds: options.deadline,
      ways: onceKnown(() => waysOf(options, hasLog === true)),
      hops: compileHops(ownHops),
      zone: timezone,
    }),
};

/** Another instance's by its folder of configuration, or by its queue. */
function nameOfQueue({ command, queueDirectory }: QueueConfig): string {
  const folder = instanceOf(command)[1] ?? queueDirectory;
  return folder === undefined ? "postfix-queue" : `postfix-queue ${basename(folder)}`;
}

/** As the programs of Postfix take it: `-c FOLDER`, or nothing. */
function instanceOf([, ...args]: readonly string[]): [] | ["-c", string] {
  const at = args.indexOf("-c");
  return at < 0 ? [] : ["-c", args[at + 1] ?? ""];
}

interface Found {
  readonly ways: WayChooser;
  readonly instance: string | null;
}

async function waysOf(options: QueueConfig, hasLog: boolean): Promise<Found> {
  const stated = await settingsOf(options.command);
  const queueDirectory = options.queueDirectory ?? stated.queueDirectory;
  // What postconf says is of another instance when its queue is another.
  const isOfIt = queueDirectory === stated.queueDirectory;
  const instance = options.syslogName ?? (isOfIt ? stated.syslogName : null);
  return { ways: chooserOf(options, queueDirectory, hasLog), instance };
}

function chooserOf({ method, command }: QueueConfig, queueDirectory: string | null, hasLog: boolean): WayChooser {
  const postqueue = postqueueWay(command);
  if (method === "postqueue") return always(postqueue, asConfigured(postqueue));
  if (queueDirectory === null) {
    if (method === "auto")
      return always(
        postqueue,
        `listed with ${postqueue.name}: where the queue is, for a scan or showq, is not known ("queueDirectory")`,
      );
    throw new Error(`postconf does not say where the queue is: name it as "queueDirectory"`);
  }
  const [scan, showq] = [scanWay(queueDirectory), showqWay(queueDirectory)];
  if (method === "scan") return always(scan, asConfigured(scan));
  if (method === "showq") return always(showq, asConfigured(showq));
  return chooseWay({
    scan: hasLog ? scan : null,
    full: [showq, postqueue],
    monotonicMs: () => performance.now(),
    isCalm: diskIsCalm,
  });
}

const asConfigured = ({ name }: QueueWay): string => `listed with ${name}, as configured (method)`;

/** What postconf(1) says of the instance whose queue is listed; nothing where that is not this host's own Postfix'. */
async function settingsOf(
  command: readonly string[],
): Promise<{ readonly queueDirectory: string | null; readonly syslogName: string | null }> {
  const lines: string[] = [];
  const reader = { piece: (line: string) => void lines.push(line), end: () => undefined, garbled: 0 };
  if (basename(command[0] ?? "") === "postqueue") {
    const asked = ["postconf", ...instanceOf(command), "-x", "queue_directory", "syslog_name"];
    await runListing(asked, AbortSignal.timeout(5_000), reader).catch(() => undefined);
  }
  const said = (key: string): string | null =>
    lines.find((line) => line.startsWith(`${key} = `))?.slice(key.length + 3) ?? null;
  const [queueDirectory, syslogName] = [said("queue_directory"), said("syslog_name")];
  return { queueDirectory: queueDirectory?.startsWith("/") === true ? queueDirectory : null, syslogName };
}

/** What can be done is found out at the first look, and again as long as that fails: creating does no I/O. */
function onceKnown(find: () => Promise<Found>): WayChooser {
  let found: Found | undefined;
  return {
    async choose() {
      found ??= await find();
      return found.ways.choose();
    },
    failed: (way, error) => found?.ways.failed?.(way, error) === true,
    listed: (way, seconds, difference) => found?.ways.listed(way, seconds, difference) ?? difference,
    dueMs: (queueId) => found?.ways.dueMs?.(queueId),
    get restSeconds() {
      return found?.ways.restSeconds ?? 0;
    },
    get soon() {
      return found?.ways.soon === true;
    },
    get instance() {
      return found?.instance ?? null;
    },
    get says() {
      return found?.ways.says ?? null;
    },
  };
}
