import type { MailEvent } from "../../../core/event.ts";
import { putRelay, putReply, readPeer } from "./text.ts";

/** What a delivery agent says of the far side while it tries: no fact about a recipient yet. */
export function readAgent(event: MailEvent, text: string): boolean {
  for (const [phrase, action] of phrases) {
    if (!text.startsWith(phrase)) continue;
    const peer = readPeer(text, phrase.length);
    if (peer === undefined) return false;
    event.action = action;
    putRelay(event, peer);
    if (text.startsWith(" said: ", peer.end)) putReply(event, text, peer.end + 7, text.length);
    else if (text.startsWith(" refused to talk to me: ", peer.end)) putReply(event, text, peer.end + 24, text.length);
    else event.reason = text;
    return true;
  }
  return false;
}

const phrases = [
  ["connect to ", "connect"],
  ["host ", "answer"],
  ["lost connection with ", "lost connection"],
  ["conversation with ", "timeout"],
  ["SASL authentication failed; server ", "sasl"],
  ["SASL authentication failed; cannot authenticate to server ", "sasl"],
  ["certificate verification failed for ", "tls"],
  ["server certificate verification failed for ", "tls"],
  ["SSL_connect error to ", "tls"],
] as const;
