import type { z } from "zod";
import type { Effect } from "../core/alert/signal.ts";
import type { Notifier } from "./notifier.ts";

/** A kind of notifier: `notify[]`. One folder, one line in `notify/index.ts`. */
export interface NotifierKind<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type;
  /** Options besides `id`, `type` and `severities`. */
  readonly config: Schema;
  /** Cheap, does no I/O. */
  create(options: z.infer<Schema>, context: NotifierContext): Notifier;
}
export interface NotifierContext {
  readonly id: string;
  readonly channels: readonly Effect["channel"][];
  /** `server.publicUrl`, for links back; null when it is not configured. */
  readonly publicUrl: string | null;
}
