import type { Attribution } from "@mailtide/shared";
import type { ReasonClass } from "../observation.ts";
import { type Hop, type Hops, isNowhere } from "./hops.ts";
import { classifyReason } from "./reason.ts";

/**
 * Whose wait follows a deferral. What the reason says about ourselves (resources, look-ups) comes first, then whose hop
 * it was: an own hop that refuses is ours, whatever words it uses, except a full mailbox and greylisting.
 */
export function attribute(reason: string, dsn: string | undefined, hop: Hop, hops: Hops): Attribution {
  return attributeCause(classifyReason(reason, dsn), dsn, hop, hops);
}

/**
 * The same of a reason that is classified already, of mail for a domain of ours (`isOurs`) or not: that DNS does not know one
 * of ours, or leads it back to us, is no far side's fault.
 */
export function attributeTo(
  isOurs: boolean,
  cause: ReasonClass,
  dsn: string | undefined,
  hop: Hop,
  hops: Hops,
): Attribution {
  return isOurs && cause === "dns" && hop.ip === null ? "own" : attributeCause(cause, dsn, hop, hops);
}

function attributeCause(cause: ReasonClass, dsn: string | undefined, hop: Hop, hops: Hops): Attribution {
  // A far side whose own disk or look-ups fail says the same words.
  if (cause === "local-resource" || cause === "lookup") return isNowhere(hop) || hops.own(hop) ? "own" : "remote";
  if (cause === "mailbox-full") return "recipient";
  const own = hops.own(hop);
  if (cause === "greylist") return own ? "policy" : "remote";
  if (own) return "own";
  if (dsn?.startsWith("4.2.")) return "recipient";
  if (cause === "other" && isNowhere(hop)) return "unknown";
  return "remote";
}

/** Waits that count against us. */
export function countsAsOwn(attribution: Attribution): boolean {
  return attribution === "own" || attribution === "unknown";
}
