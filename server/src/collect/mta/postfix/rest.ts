import type { MailEvent } from "../../../core/event.ts";
import { summary } from "../../../core/model/unnamed.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { readPolicy } from "./policy.ts";
import { peerAfterFrom } from "./smtpd.ts";
import { type Peer, putClient, putRelay, readPeer } from "./text.ts";

/** Last of all: anvil's statistics, and lines that name a peer somewhere. Says yes to everything. */
export function readRest(event: MailEvent, text: string): boolean {
  if (text.startsWith("statistics: ")) {
    event.action = event.process?.endsWith("scache") === true ? "scache" : "anvil";
    // A service is a name or a port, perhaps behind its address.
    const ip = /\((?:(?:\d+\.[\d.]+|\[[^\]\s]{1,64}\]):)?[\w.-]{1,64}:([\da-fA-F.:]{2,45})\) at /.exec(text)?.[1];
    const client = canonicalIp(ip ?? "");
    if (client !== undefined) event.clientIp = client;
    return true;
  }
  const verb = event.process?.endsWith("postsuper") === true ? summary.exec(text)?.[1] : undefined;
  if (verb !== undefined) {
    event.action = verb.toLowerCase();
    event.reason = text;
    return true;
  }
  if (text.startsWith("enabling PIX ")) {
    const peer = / for ([^\s[]{1,255})\[([^\]]{1,64})\](?::(\d{1,5}))?/.exec(text);
    event.action = "pix";
    if (peer?.[1] !== undefined) event.relay = peer[1];
    const ip = canonicalIp(peer?.[2] ?? "");
    if (ip !== undefined) event.relayIp = ip;
    if (peer?.[3] !== undefined) event.relayPort = Number(peer[3]);
    return true;
  }
  if (!readPolicy(event, text)) putNamedPeer(event, text);
  return true;
}

/**
 * A line that begins with a peer, such as `host[ip]: subject_CN=...`, or has one behind `from`, speaks of it: of a client, or,
 * where a delivery agent says it, of the hop.
 */
export function putNamedPeer(event: MailEvent, text: string): void {
  const peer = peerAfterFrom(text) ?? firstPeer(text);
  if (peer === undefined) return;
  if (/(?:^|\/)(?:smtp|lmtp|tlsproxy)$/.test(event.process ?? "")) putRelay(event, peer);
  else putClient(event, peer);
}

function firstPeer(text: string): Peer | undefined {
  // With -v, or for who is in debug_peer_list: what was read of whom, and written to.
  const isTalk = text.startsWith("< ") || text.startsWith("> ");
  const peer = readPeer(text, text.startsWith("host ") ? 5 : isTalk ? 2 : 0);
  return peer?.ip === undefined || peer.name === "" || !": ".includes(text.charAt(peer.end)) ? undefined : peer;
}
