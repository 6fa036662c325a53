import type { DependencyId, NodeId } from "@mailtide/shared";
import type { z } from "zod";
import type { Collector } from "./collector.ts";
import type { WriteHub } from "./influx-write/hub.ts";
import type { SyslogHub } from "./syslog-in/hub.ts";

/** A kind of collector that belongs to a node: `nodes[].collect[]`. One folder, one line in `collect/index.ts`. */
export interface NodePlugin<Type extends string = string, Schema extends z.ZodObject = z.ZodObject> {
  readonly type: Type;
  /** Options besides `type`. */
  readonly config: Schema;
  /** What stands behind the node in the collector's id: no two on a node may have the same. Default: the type. */
  idOf?(options: z.infer<Schema>): string;
  create(options: z.infer<Schema>, node: NodeContext): Collector;
}
export interface NodeContext {
  readonly id: NodeId;
  /** IANA zone of log timestamps that state none. */
  readonly timezone: string;
  /** The node's `ownHops`, to tell whose wait a listing's reasons speak of; undefined: the default rule. */
  readonly ownHops?: readonly string[] | undefined;
  /** The log of the node is read too, here or by its agent. */
  readonly hasLog?: boolean;
  /** Where syslog is taken, when it is. */
  readonly syslog?: SyslogHub | undefined;
  /** Where points are taken, on a server. */
  readonly writes?: WriteHub | undefined;
}

/** A kind of dependency: `dependencies[]`. */
export interface DependencyPlugin<Type extends string = string, Schema extends z.ZodObject = z.ZodObject> {
  readonly type: Type;
  readonly config: Schema;
  create(options: z.infer<Schema>, dependency: { readonly id: DependencyId }): Collector;
}
