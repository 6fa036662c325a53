import type { MailEvent } from "../../../core/event.ts";
import { unsay } from "../../blank-event.ts";
import { Kept } from "../../kept.ts";

/** More connections to servers at once are not told apart. */
const mostOpen = 1_000;

/**
 * tlsproxy(8) speaks TLS for postscreen, with clients, and for smtp (`smtp_tls_connection_reuse`), with servers, many at a
 * time: `CONNECT from [ip]:port`, `CONNECT to [ip]:port`, and of both `DISCONNECT [ip]:port`, which does not say the side;
 * where no beginning was seen, a client's is assumed. A client has connected to postscreen before, so none of these is a
 * connection that comes or goes.
 */
export class TlsSides {
  /** Connections to servers that are open, by process and address. */
  readonly #open = new Kept<number>(mostOpen);

  /** To be called with each line of tlsproxy's that was read. */
  settle(event: MailEvent): void {
    const { event: kind, action } = event;
    if (kind === "other" && action === "CONNECT") this.#count(keyOf(event, event.relayIp, event.relayPort), 1);
    if (kind !== "connect" && kind !== "disconnect") return;
    event.event = "other";
    event.action = kind === "connect" ? "CONNECT" : "DISCONNECT";
    if (kind === "connect") return;
    const { clientIp, clientPort } = event;
    if (!this.#count(keyOf(event, clientIp, clientPort), -1)) return;
    if (clientIp !== undefined) event.relayIp = clientIp;
    if (clientPort !== undefined) event.relayPort = clientPort;
    unsay(event, "clientIp", "clientPort");
  }

  /** False where no such connection was open. */
  #count(key: string, more: 1 | -1): boolean {
    const before = this.#open.take(key);
    const open = (before ?? 0) + more;
    if (open > 0) this.#open.put(key, open);
    return before !== undefined;
  }
}

const keyOf = ({ host = "", pid = 0 }: MailEvent, ip = "", port = 0): string => `${pid} ${host} ${ip} ${port}`;
