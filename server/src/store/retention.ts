import type { Seconds } from "@mailtide/shared";
import type { TierName } from "../core/measurement.ts";

/** How long each tier is kept. */
export type Retention = Readonly<Record<TierName, Seconds>>;

export const defaultRetention: Retention = { "10s": 7 * 86_400, "1m": 90 * 86_400 };
