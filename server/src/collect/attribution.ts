import type { Attribution } from "@mailtide/shared";
import { tellsHold } from "../core/arrival.ts";
import type { MailEvent } from "../core/event.ts";
import { attribute } from "../core/model/attribution.ts";
import { compileHops, hopOf } from "../core/model/hops.ts";
import { attributionOfRefusal } from "../core/refusal.ts";

/**
 * Whose wait follows what one line says, with the default own hops: of a deferred delivery, of mail that is held, and of
 * what we refuse for now, which waits at its sender. Undefined where nothing waits.
 */
export function attributionOf(event: MailEvent): Attribution | undefined {
  const reason = event.reason ?? "";
  if (event.event === "delivery")
    return event.status === "deferred" ? attribute(reason, event.dsn, hopOf(event), hops) : undefined;
  if (tellsHold(event)) return "held";
  return event.event === "reject" ? attributionOfRefusal(event) : undefined;
}

const hops = compileHops();
