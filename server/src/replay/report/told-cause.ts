import { type Cause, causes } from "@mailtide/shared";

/**
 * The causes of a report are a closed list that others rely on. What screens and pages tell apart beyond it stands in a report
 * under the nearest of them; the evidence beside it says which it was.
 */
const nearest = {
  "writes-refused": "database-unresponsive",
  "replication-lag": "database-saturated",
} as const satisfies Partial<Record<Cause, Cause>>;

type Finer = keyof typeof nearest;
export type ToldCause = Exclude<Cause, Finer>;

const isFiner = (cause: Cause): cause is Finer => Object.hasOwn(nearest, cause);

export const toldCause = (cause: Cause): ToldCause => (isFiner(cause) ? nearest[cause] : cause);

export const toldCauses: readonly ToldCause[] = causes.filter((cause): cause is ToldCause => !isFiner(cause));
