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
  /** What prints a part of the queue that this command leaves out. */
  readonly also?: (command: readonly string[]) => readonly string[] | null;
  readonly tellsReasons?: boolean;
  readonly comparesIds?: boolean;
}

const queueConfig = (command: readonly string[] | undefined) => {
  const words = z.array(z.string()).min(1);
  return z.strictObject({
    /** Between the end of one listing and the begin of the next; longer when a listing takes long. */
    every: duration.default(10),
    deadline: duration.default(60),
    /** What prints the listing, with its arguments; no shell reads it. */
    command: command === undefined ? words : words.default([...command]),
    required: z.boolean().default(false),
  });
};

/** Lists the queue of an MTA with a program of its own. */
export function queuePlugin<const Type extends string>(
  type: Type,
  { format, command, also, tellsReasons, ...told }: QueuePluginOptions,
): NodePlugin<Type, ReturnType<typeof queueConfig>> {
  return {
    type,
    config: queueConfig(command),
    create: (options, { id, timezone, ownHops }) =>
      createQueueCollector({
        id: collectorId(`${id}/${type}`),
        node: id,
        required: options.required,
        everySeconds: options.every,
        deadlineSeconds: options.deadline,
        ways: always(commandWay(options.command, format, tellsReasons, also?.(options.command))),
        hops: compileHops(ownHops),
        zone: timezone,
        ...told,
      }),
  };
}
