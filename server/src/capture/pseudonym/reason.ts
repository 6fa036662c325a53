import type { Hop, Hops } from "../../core/model/hops.ts";
import { hopOf } from "../../core/model/hops.ts";
import { classifyReason } from "../../core/model/reason.ts";
import type { ReasonClass } from "../../core/observation.ts";

/** Longer ones are classed by their beginning alone (core/model/reason.ts). */
const longest = 1_000;

/**
 * Makes a reason's pseudonym and looks that it is worth the same: of the same class, and about a hop of the same kind.
 * One that is not is replaced by a sentence of its class.
 */
export function createReasons(free: (text: string, ids: ReadonlySet<string>) => string) {
  return (reason: string, dsn: string | undefined, ids: ReadonlySet<string>, hops?: HopsOf): string => {
    const wanted = classifyReason(reason, dsn);
    const made = free(reason.slice(0, longest), ids);
    const isSame = (text: string): boolean => classifyReason(text, dsn) === wanted && sameHop(reason, text, hops);
    if (isSame(made)) return made;
    const plain = [samples[wanted], `host * said: ${samples[wanted]}`].find(
      (text) => classifyReason(text, dsn) === wanted,
    );
    return plain ?? made;
  };
}

/** The node's own hops before and after. */
export interface HopsOf {
  readonly clear: Hops;
  readonly hidden: Hops;
}

function sameHop(clear: string, hidden: string, hops: HopsOf | undefined): boolean {
  const [before, after] = [hopIn(clear), hopIn(hidden)];
  if ((before.host === null) !== (after.host === null) || (before.ip === null) !== (after.ip === null)) return false;
  return hops === undefined || hops.clear.own(before) === hops.hidden.own(after);
}

const hopIn = (reason: string): Hop => hopOf({ event: "delivery", reason });

const samples: Readonly<Record<ReasonClass, string>> = {
  "connect-refused": "Connection refused",
  "connect-timeout": "Connection timed out",
  unreachable: "No route to host",
  "conversation-timeout": "timeout after DATA",
  dns: "Host not found",
  tls: "Cannot start TLS",
  greylist: "greylisted",
  "rate-limit": "rate limit",
  "mailbox-full": "mailbox full",
  policy: "blocked by policy",
  content: "message too large",
  "local-resource": "mail transport unavailable",
  lookup: "lookup error",
  other: "*",
};
