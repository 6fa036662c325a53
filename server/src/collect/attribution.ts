import type { Attribution } from "@mailtide/shared";
import { tellsHold } from "../core/arrival.ts";
import type { MailEvent } from "../core/event.ts";
import { attribute } from "../core/model/attribution.ts";
import { compileHops, hopOf } from "../core/model/hops.ts";
import { classifyReason } from "../core/model/reason.ts";

/**
 * Whose wait follows what one line says, with the default own hops: of a deferred delivery, of mail that is held, and of
 * what we refuse for now, which waits at its sender. Undefined where nothing waits.
 */
export function attributionOf(event: MailEvent): Attribution | undefined {
  const reason = event.reason ?? "";
  if (event.event === "delivery")
    return event.status === "deferred" ? attribute(reason, event.dsn, hopOf(event), hops) : undefined;
  if (tellsHold(event)) return "held";
  return event.event === "reject" && isTemporary(event) ? ofRefusal(reason, event) : undefined;
}

/** A postscreen test, greylisting or a limit is our policy; a look-up or a disk that fails is our fault. */
function ofRefusal(reason: string, event: MailEvent): Attribution {
  // What postscreen(8) says while it tests a client sounds like a fault and is none.
  if (event.process?.endsWith("postscreen") === true) return "policy";
  // Asked about an address, the host that is responsible for it did not answer.
  const unverified = reason.indexOf("unverified address: ");
  if (unverified >= 0) {
    const said = reason.slice(unverified + 20);
    // Nobody was asked to the end yet.
    if (said === "Address verification in progress") return "policy";
    return attribute(said, undefined, hopOf({ event: "delivery", reason: said }), hops);
  }
  // A milter of ours that is away or cannot decide: one that has a reason says another.
  if (event.action === "milter-reject" && reason === milterFailed) return "own";
  const cause = classifyReason(reason, event.dsn);
  if (cause === "local-resource" || cause === "lookup") return "own";
  return cause === "mailbox-full" ? "recipient" : "policy";
}

function isTemporary({ code, dsn, action, process }: MailEvent): boolean {
  if (code !== undefined) return code < 500;
  // Without a code postscreen(8) speaks of places that are all taken: 421.
  if (process?.endsWith("postscreen") === true) return true;
  return dsn?.startsWith("4") === true || action?.startsWith("temporarily") === true;
}

const milterFailed = "Service unavailable - try again later";
const hops = compileHops();
