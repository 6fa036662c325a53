import type { MailEvent } from "../../../core/event.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { putClient, putRelay, readPeer } from "./text.ts";

/** Last of all: anvil's statistics, and lines that name a peer somewhere. Says yes to everything. */
export function readRest(event: MailEvent, text: string): boolean {
  if (text.startsWith("statistics: ")) {
    event.action = event.process?.endsWith("scache") === true ? "scache" : "anvil";
    const subject = /\((?:[^()\s]{1,128}?):([0-9a-fA-F.:]{2,45})\) at /.exec(text)?.[1];
    // The service may be `address:port`: then the client stands behind the last colon that leaves an address.
    const ip =
      subject === undefined ? undefined : (canonicalIp(subject) ?? canonicalIp(subject.replace(/^[\d.]*:/, "")));
    if (ip !== undefined) event.clientIp = ip;
    return true;
  }
  if (text.startsWith("enabling PIX workarounds: ")) {
    const peer = / for ([^\s[]{1,255})\[([^\]]{1,64})\](?::(\d{1,5}))?/.exec(text);
    event.action = "pix";
    if (peer?.[1] !== undefined) event.relay = peer[1];
    const ip = canonicalIp(peer?.[2] ?? "");
    if (ip !== undefined) event.relayIp = ip;
    if (peer?.[3] !== undefined) event.relayPort = Number(peer[3]);
    return true;
  }
  putFirstPeer(event, text);
  return true;
}

/**
 * A line that begins with a peer, such as `host[ip]: subject_CN=...`, speaks of it: of a client, or, where a delivery agent
 * says it, of the hop.
 */
export function putFirstPeer(event: MailEvent, text: string): void {
  const peer = readPeer(text, text.startsWith("host ") ? 5 : 0);
  if (peer?.ip === undefined || peer.name === "" || !": ".includes(text.charAt(peer.end))) return;
  if (/(?:^|\/)(?:smtp|lmtp)$/.test(event.process ?? "")) putRelay(event, peer);
  else putClient(event, peer);
}
