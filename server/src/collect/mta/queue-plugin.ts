import { collectorId } from "@mailtide/shared";
import { z } from "zod";
import { duration } from "../../config/duration.ts";
import { compileHops } from "../../core/model/hops.ts";
import type { NodePlugin } from "../plugin.ts";
import { createQueueCollector } from "../queue/collector.ts";
import type { ListingFormat } from "../queue/listing.ts";
import { always, commandWay } from "../queue/way.ts";

export interface QueuePluginOptions {
  readonly format: ListingFormat;
  /** What prints the listing unless the configuration says otherwise; none where that needs a folder to be named. */
  readonly command?: readonly [string, ...string[]];
  /** What prints parts of the queue that this command leaves out; `names` are of queues that the configuration names. */
  readonly also?: (command: readonly string[], names: readonly string[]) => readonly (readonly string[])[];
  /** Such an MTA has queues besides, which are listed by their names. */
  readonly namesQueues?: boolean;
  readonly tellsReasons?: boolean;
  readonly comparesIds?: boolean;
}

const queueConfig = (command: readonly string[] | undefined, namesQueues: boolean) => {
  const words = z.array(z.string()).min(1);
  const name = z.string().regex(/^\w[\w.-]{0,63}$/u, "not the name of a queue");
  const config = z.strictObject({
    /** Between the end of one listing and the begin of the next; longer when a listing takes long. */
    every: duration.default(10),
    deadline: duration.default(60),
    /** What prints the listing, with its arguments; no shell reads it. */
    command: command === undefined ? words : words.default([...command]),
    /** Queues besides the default one, by their names. */
    queues: z.array(name).max(50).optional(),
    required: z.boolean().default(false),
  });
  return namesQueues ? config : (config.omit({ queues: true }) as unknown as typeof config);
};

/** Lists the queue of an MTA with a program of its own. */
export function queuePlugin<const Type extends string>(
  type: Type,
  { format, command, also, namesQueues = false, tellsReasons, ...told }: QueuePluginOptions,
): NodePlugin<Type, ReturnType<typeof queueConfig>> {
  return {
    type,
    config: queueConfig(command, namesQueues),
    create: (options, { id, timezone, ownHops }) =>
      createQueueCollector({
        id: collectorId(`${id}/${type}`),
        node: id,
        required: options.required,
        everySeconds: options.every,
        deadlineSeconds: options.deadline,
        ways: always(commandWay(options.command, format, tellsReasons, also?.(options.command, options.queues ?? []))),
        hops: compileHops(ownHops),
        zone: timezone,
        ...told,
      }),
  };
}
