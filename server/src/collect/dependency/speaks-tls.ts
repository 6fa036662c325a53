import { isIP } from "node:net";
import { connect } from "node:tls";

/**
 * Whether a port answers a TLS handshake in TLS: asked once a conversation in clear has ended without a word, which is how
 * most servers that want TLS refuse it. Whose certificate it is does not matter, and nothing is said besides. Never asked of
 * one that is silent: it may only be slow, and many a mail server calls it an attack when a client speaks first.
 */
export async function speaksTls(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  // An address is no server name (RFC 6066, 3).
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = connect({ host, port, ...name, rejectUnauthorized: false });
  const cut = (): void => void socket.destroy();
  signal.addEventListener("abort", cut, { once: true });
  if (signal.aborted) cut();
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once("secureConnect", () => resolve(true));
      // Refused in TLS: it may want a certificate of ours, or another name.
      socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(/^ERR_SSL_.*ALERT/u.test(code ?? "")));
      socket.once("close", () => resolve(false));
    });
  } finally {
    signal.removeEventListener("abort", cut);
    socket.destroy();
  }
}

/** A server that is greeted in clear there is silent, and so is whoever waits for its greeting (RFC 8314, 7.3 and 7.1). */
const tlsFromTheStart: ReadonlySet<number> = new Set([465, 993]);

/** What is added to a step that waits for a greeting in clear; "" where a greeting is due. */
export const greetsInTls = (port: number, mend = "tls: implicit"): string =>
  tlsFromTheStart.has(port) ? `: port ${port} is for TLS from the start, ${mend}` : "";
