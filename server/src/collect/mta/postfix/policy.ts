import type { MailEvent } from "../../../core/event.ts";
import { canonicalIp } from "../../syslog/ip.ts";

/**
 * What policy servers log beside Postfix, in the names that it asks them by (SMTPD_POLICY_README) or those of Received-SPF (RFC
 * 7208, 9.1): `action=greylist, reason=new, client_name=host, client_address=ip, sender=a, recipient=b`.
 */
export function readPolicy(event: MailEvent, text: string): boolean {
  const ip = canonicalIp(/\bclient(?:_address|-ip)=([\da-fA-F.:]{2,45})/.exec(text)?.[1] ?? "");
  if (ip === undefined) return false;
  event.clientIp = ip;
  for (const [key, pattern] of facts) {
    const said = pattern.exec(text)?.[1];
    if (said !== undefined) event[key] = said;
  }
  return true;
}

const facts = [
  ["action", /(?:^|[\s,])action=([A-Za-z_]{1,40})/],
  ["clientName", /\bclient_name=([^\s,;]{1,255})/],
  ["from", /\b(?:sender|envelope-from)=<?([^\s,;<>"]{0,320})/],
  ["to", /\b(?:recipient|receiver)=<?([^\s,;<>"]{0,320})/],
  ["helo", /\bhelo(?:_name)?=<?([^\s,;<>]{1,255})/],
] as const;
