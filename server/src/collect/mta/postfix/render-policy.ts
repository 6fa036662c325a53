import type { MailEvent } from "../../../core/event.ts";
import { angled, client, keyed } from "./render-parts.ts";

/** What policy servers, greylisters and milters may have said of a client, as policy.ts reads it. */
export function* policies(event: MailEvent): Generator<string> {
  const { action = "", clientIp = "", from = "", to = "", reason = "" } = event;
  yield policy(event);
  yield greylist(event);
  yield rule(event);
  yield module(event);
  if (event.to === undefined) yield `grey: ${action}: ${clientIp}, x added`;
  else yield `grey: ${action}: ${clientIp}(${clientIp}), ${from} -> ${to}`;
  yield `${action} for recipient=<${to}> sender=<${from}> ip=<${clientIp}>`;
  yield `skipping greylist because ${reason}, (from=<${from}>, rcpt=<${to}>, addr=${client(event)})`;
}

function policy({ action, clientName, clientIp, from, to, helo }: MailEvent): string {
  return `-${keyed(" action=", action)}${keyed(" client_name=", clientName)}${keyed(" client_address=", clientIp)}${keyed(" sender=", from)}${keyed(" recipient=", to)}${keyed(" helo=", helo)}`;
}

/** As postgrey(8) has it. */
function greylist(event: MailEvent): string {
  const { action = "", reason = "", delay } = event;
  return `action=${action}, reason=${reason}${delay === undefined ? "" : `, delay=${delay}`}, ${policy(event)}`;
}

/** As postfwd(8) has it. */
function rule(event: MailEvent): string {
  const { action = "", saslUsername, proto, stage } = event;
  const said = [angled("sender", event.from), angled("recipient", event.to), angled("helo", event.helo)];
  const [sender = "", recipient = "", helo = ""] = said.map((part) => part.replace(/^ /, ", "));
  return `[RULES] rule=0, id=x, client=${client(event)}${keyed(", user=", saslUsername)}${sender}${recipient}${helo}${keyed(", proto=", proto)}${keyed(", state=", stage)}, hits=x, action=${action}`;
}

/** As policyd 2 has it. */
function module({ clientIp = "", helo, from, to, reason }: MailEvent): string {
  return `module=x, mode=x, host=${clientIp}${keyed(", helo=", helo)}${keyed(", from=", from)}${keyed(", to=", to)}${keyed(", reason=", reason)}`;
}
