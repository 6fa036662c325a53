import type { MailEvent } from "../../../core/event.ts";
import { detach } from "../../../core/text/detach.ts";
import { Kept } from "../../kept.ts";
import { canonicalIp } from "../../syslog/ip.ts";

const mostConnections = 10_000;
const mostTransactions = 10_000;
const mostAttempts = 10_000;
/** Of an answer, which a far side chooses. */
const longestCause = 1_000;

interface Client {
  readonly ip: string | undefined;
  readonly port: number | undefined;
}

interface Transaction {
  from: string | undefined;
  /** Of its recipients, while all of them have the same. */
  domain: string | undefined;
  recipients: number;
}

/** What came in the way of an attempt, which its last line does not say again. */
interface Cause {
  readonly text: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/**
 * Haraka says in one line who connects, in the next who sends to whom, in the next why a hop did not take it, and in the last
 * only that it is put off. Ids join them: `UUID` is a connection, `UUID.1` its transaction, `UUID.1.1` an outbound delivery.
 */
export class HarakaMemory {
  /** Id and stage of the last refusal that a plugin's own line told of; the line that sums it up follows. */
  lastRefused = "";
  readonly #clients = new Kept<Client>(mostConnections);
  readonly #transactions = new Kept<Transaction>(mostTransactions);
  readonly #causes = new Kept<Cause>(mostAttempts);

  connected(id: string, { clientIp, clientPort }: MailEvent): void {
    this.#clients.put(id, { ip: clientIp, port: clientPort });
  }

  /** By the connection's id, or that of its last transaction. */
  disconnected(id: string): void {
    this.#clients.take(connectionOf(id));
  }

  sender(id: string, from: string): void {
    this.#transactions.put(id, { from: detach(from), domain: undefined, recipients: 0 });
  }

  recipient(id: string, to: string): void {
    const transaction = this.#transactions.get(id);
    if (transaction === undefined) return;
    const domain = to.slice(to.lastIndexOf("@") + 1);
    if (transaction.recipients === 0) transaction.domain = detach(domain);
    else if (transaction.domain !== domain) transaction.domain = undefined;
    transaction.recipients += 1;
  }

  /** A message was taken: from whom. */
  putOrigin(event: MailEvent, id: string): void {
    const client = this.#clients.get(connectionOf(id));
    if (client?.ip !== undefined) event.clientIp = client.ip;
    if (client?.port !== undefined) event.clientPort = client.port;
    const from = this.#transactions.get(id)?.from;
    if (from !== undefined) event.from = from;
  }

  cause(id: string, text: string, host?: string, port?: string): void {
    const cut = detach(text.slice(0, longestCause));
    this.#causes.put(id, { text: cut, host: host === undefined ? undefined : detach(host), port: wholePort(port) });
  }

  /** What an attempt ended with, to what was said last of why. A cause counts for one attempt. */
  takeCause(event: MailEvent, id: string): string | undefined {
    const cause = this.#causes.take(id);
    if (cause?.host !== undefined) {
      event.relay = cause.host;
      const ip = canonicalIp(cause.host.replace(/^\[(.*)\]$/, "$1"));
      if (ip !== undefined) event.relayIp = ip;
      if (cause.port !== undefined) event.relayPort = cause.port;
    }
    return cause?.text;
  }

  /** Whom a delivery was for, where its line names nobody: known when all recipients of its message are of one domain. */
  destination(id: string): { readonly domain: string; readonly recipients: number } | undefined {
    const { domain, recipients = 0 } = this.#transactions.get(id.split(".").slice(0, 2).join(".")) ?? {};
    return domain === undefined ? undefined : { domain, recipients };
  }
}

const connectionOf = (id: string): string => id.split(".", 1)[0] ?? id;

function wholePort(text: string | undefined): number | undefined {
  const port = Number(text ?? Number.NaN);
  return Number.isInteger(port) && port <= 65_535 ? port : undefined;
}
