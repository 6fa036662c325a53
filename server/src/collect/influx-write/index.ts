import { collectorId } from "@mailtide/shared";
import { z } from "zod";
import { duration } from "../../config/duration.ts";
import type { Collector, CollectorContext, PushCollector } from "../collector.ts";
import { mappingConfig, rowsOf } from "../counts/mapping.ts";
import type { NodePlugin } from "../plugin.ts";
import type { WriteHub } from "./hub.ts";

export const writeType = "influx-write";

const config = z.strictObject({
  /** Values of the tag "host" that are this node. None: whatever comes with a token of this node. */
  host: z.array(z.string().min(1)).min(1).optional(),
  mapping: mappingConfig.prefault("telegraf-postfix"),
  /** Silent for longer than this is stale, and what was counted before is not believed any more. */
  limit: duration.default(60),
  /** Default: where the node has no log. */
  required: z.boolean().optional(),
});

/** A node whose queues others count and send here, as to InfluxDB. */
export const influxWrite: NodePlugin<typeof writeType, typeof config> = {
  type: writeType,
  config,
  create({ host, mapping, limit, required }, { id: node, hasLog, writes }) {
    const id = collectorId(`${node}/${writeType}`);
    let context: CollectorContext | null = null;
    const collector: PushCollector = {
      kind: "push",
      id,
      node,
      required: required ?? hasLog !== true,
      limitSeconds: limit,
      start(given) {
        context = given;
        return Promise.resolve();
      },
      stop() {
        context = null;
        return Promise.resolve();
      },
    };
    const hosts = host === undefined ? null : new Set(host.map((each) => each.toLowerCase()));
    writes?.open({ id, node, hosts, rows: rowsOf(mapping), limitSeconds: limit, context: () => context });
    return collector;
  },
};

export type WriteCollector = PushCollector & Pick<WriteHub, "write" | "turnedAway">;

export function isWriteCollector(collector: Collector): collector is WriteCollector {
  return collector.kind === "push" && "write" in collector;
}
