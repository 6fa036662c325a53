import type { MailEvent } from "../../../core/event.ts";
import { putClient, putRelay, putReply, readPeer } from "./text.ts";

/** What a delivery agent says of the far side while it tries: no fact about a recipient yet. */
export function readAgent(event: MailEvent, text: string): boolean {
  const found = phrases.find(([phrase]) => text.startsWith(phrase));
  const peer = found === undefined ? undefined : readPeer(text, found[0].length);
  if (found === undefined || peer === undefined) {
    if (!withoutPeer.test(text)) return false;
    event.action = "tls";
    event.reason = text;
    return true;
  }
  const [, action] = found;
  event.action = action;
  // A client may have a certificate too.
  if (action === "tls" && event.process?.endsWith("smtpd") === true) putClient(event, peer);
  else putRelay(event, peer);
  // Before 2.3 the port stood at the end.
  const port = action === "connect" ? / {1,9}\(port (\d{1,5})\)$/.exec(text) : null;
  if (port !== null) event.relayPort = Number(port[1]);
  const reply = replies.find((said) => text.startsWith(said, peer.end));
  if (reply === undefined) event.reason = text;
  else putReply(event, text, peer.end + reply.length, port?.index ?? text.length);
  return true;
}

const replies = [
  " said: ",
  " refused to talk to me: ",
  " refused to start TLS: ",
  // Before 2.3.
  ": server refused to talk to me: ",
] as const;

/** What fails without a word of who the far side is. */
const withoutPeer =
  /^(?:Cannot start TLS: |Server certificate not |(?:server )?certificate verification failed for |SSL_connect error to )/;

const phrases = [
  ["connect to ", "connect"],
  ["host ", "answer"],
  ["lost connection with ", "lost connection"],
  ["conversation with ", "timeout"],
  ["local data error while talking to ", "error"],
  ["SASL authentication failed; server ", "sasl"],
  ["SASL authentication failed: server ", "sasl"],
  ["SASL [CACHED] authentication failed; server ", "sasl"],
  ["SASL authentication failed; cannot authenticate to server ", "sasl"],
  ["SASL authentication failed; authentication protocol loop with server ", "sasl"],
  ["TLS is required, but was not offered by host ", "tls"],
  ["TLS is required, but host ", "tls"],
  ["SMTPUTF8 is required, but was not offered by host ", "answer"],
  ["certificate verification failed for ", "tls"],
  ["server certificate verification failed for ", "tls"],
  ["certificate peer name verification failed for ", "tls"],
  ["SSL_connect error to ", "tls"],
] as const;
