import type { MailEvent } from "../../../core/event.ts";
import { putClient, putRelay, readPeer } from "./text.ts";

/** `Trusted TLS connection established to host[ip]:25: TLSv1.3 with cipher X (256/256 bits)`, and failures to get there. */
export function readTls(event: MailEvent, text: string): boolean {
  const established = text.indexOf("TLS connection ");
  if (established >= 0 && established <= 14) return readEstablished(event, text, established + 15);
  if (text.startsWith("SSL_accept error from ")) return readFailed(event, text, 22);
  if (text.startsWith("TLSRPT: ")) return readReport(event, text);
  if (text.startsWith("Host offered STARTTLS: [")) return readOffer(event, text);
  if (text.startsWith("setting up TLS connection ")) return readEstablished(event, text, 18);
  if (text.startsWith("TLS handshake failed for service=")) {
    const at = text.indexOf(" peer=");
    return at >= 0 && readFailed(event, text, at + 6);
  }
  return false;
}

/** What goes into the day's report to a domain (TLSRPT_README): `TLSRPT: status=failure, domain=d, receiving_mx=host[ip], ...`. */
function readReport(event: MailEvent, text: string): boolean {
  event.action = "tls";
  event.reason = text.slice(8);
  const at = text.indexOf(", receiving_mx=");
  const peer = at < 0 ? undefined : readPeer(text, at + 15);
  if (peer !== undefined) putRelay(event, peer);
  return true;
}

/** Under `smtp_tls_note_starttls_offer`: `Host offered STARTTLS: [name.of.host]`. */
function readOffer(event: MailEvent, text: string): boolean {
  const name = /\[([^\s[\]]{1,255})\]$/.exec(text)?.[1];
  event.action = "tls";
  if (name !== undefined) event.relay = name;
  return true;
}

function readEstablished(event: MailEvent, text: string, from: number): boolean {
  event.action = "tls";
  const toward = text.indexOf(" to ", from - 1);
  const direction = /(?:established|reused|connection) (from|to) /.exec(text);
  if (direction === null) return true;
  const start = direction.index + direction[0].length;
  const peer = readPeer(text, start);
  if (peer === undefined) {
    // Before 2.3 a server's name stood alone.
    const [, name, means] = /^([^\s:[\]]{1,255}): (\S{1,40}) with cipher /.exec(text.slice(start, start + 320)) ?? [];
    if (direction[1] === "to" && name !== undefined && means !== undefined) {
      event.relay = name;
      event.tls = text.slice(start + name.length + 2).replace(/ \([^]*$/, "");
    }
    return true;
  }
  if (direction[1] === "to" && toward >= 0) putRelay(event, peer);
  else putClient(event, peer);
  // Between them the name that the client asked for, where it has a certificate of its own (tls_server_sni_maps).
  const colon = text.startsWith(" to ", peer.end) ? text.indexOf(": ", peer.end) : peer.end;
  if (colon >= 0 && text.startsWith(": ", colon)) {
    const bits = text.indexOf(" (", colon);
    event.tls = text.slice(colon + 2, bits < 0 ? text.length : bits);
  }
  return true;
}

function readFailed(event: MailEvent, text: string, from: number): boolean {
  const peer = readPeer(text, from);
  if (peer === undefined) return false;
  event.action = "tls";
  // Of a server tlsproxy(8) knows the name.
  if (peer.name !== "" && event.process?.endsWith("tlsproxy") === true) putRelay(event, peer);
  else putClient(event, peer);
  event.reason = peer.end < text.length ? text.slice(peer.end).replace(/^: /, "") : text;
  return true;
}
