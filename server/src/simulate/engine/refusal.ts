import { nameOf } from "./message.ts";
import type { Session } from "./world.ts";

/** Why smtpd says no at RCPT, or for good at the end of the data. */
export type Refusal =
  | { readonly why: "listed" | "unknown-user" | "by-hand" }
  | { readonly why: "greylisted"; readonly seconds: number }
  | { readonly why: "look-up failed"; readonly isDns: boolean };

/** `NOQUEUE: reject: RCPT from …`, as smtpd logs it. */
export function refusalText(session: Session, recipient: string, refusal: Refusal): string {
  const { client, sender, helo } = session;
  const said = replyText(session, recipient, refusal);
  return `NOQUEUE: reject: RCPT from ${nameOf(client)}: ${said}; from=<${sender}> to=<${recipient}> proto=ESMTP helo=<${helo}>`;
}

function replyText({ client, sender }: Session, to: string, refusal: Refusal): string {
  switch (refusal.why) {
    case "listed":
      return `554 5.7.1 Service unavailable; Client host [${client.ip}] blocked using ${blockList}`;
    case "unknown-user":
      return `550 5.1.1 <${to}>: Recipient address rejected: User unknown in relay recipient table`;
    case "by-hand":
      return `554 5.7.1 <${nameOf(client)}>: Client host rejected: Access denied`;
    case "greylisted":
      return `450 4.2.0 <${to}>: Recipient address rejected: Greylisted for ${refusal.seconds} seconds`;
    case "look-up failed":
      return refusal.isDns
        ? `450 4.1.8 <${sender}>: Sender address rejected: Domain not found`
        : `451 4.3.0 <${to}>: Temporary lookup failure`;
    default:
      return refusal satisfies never;
  }
}

export const blockList = "bl.lists.example";
