import type { MailEvent } from "../../../core/event.ts";
import { detach } from "../../../core/text/detach.ts";
import { Kept } from "../../kept.ts";
import { canonicalIp } from "../../syslog/ip.ts";

const mostConnections = 10_000;
const mostTransactions = 10_000;
const mostAttempts = 10_000;
const mostDomains = 100;
/** Of a transaction. */
const mostDeliveries = 1_000;
/** Of an answer, which a far side chooses. */
const longestCause = 1_000;
const longestHost = 300;

interface Client {
  readonly ip: string | undefined;
  readonly port: number | undefined;
}

interface Transaction {
  readonly from: string;
  /** Of its recipients, in their order: each domain and how many follow each other. Null: more than are remembered. */
  runs: Destination[] | null;
  /** By the number of a delivery, for whom it still is once some of its recipients are done. */
  readonly left: Map<number, number>;
}

/** So many recipients of one domain. */
export interface Destination {
  readonly domain: string;
  readonly recipients: number;
}

export type RecipientCounts = readonly [done: number, putOff: number, refused: number];

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
  readonly #forwards = new Kept<string>(mostTransactions);
  /** Each recipient has a delivery of its own (`always_split`), and not each domain: deliveries are numbered by them. */
  #splits = false;

  connected(id: string, { clientIp, clientPort }: MailEvent): void {
    this.#clients.put(id, { ip: clientIp, port: clientPort });
  }

  /** By the connection's id, or that of its last transaction. */
  disconnected(id: string): void {
    this.#clients.take(connectionOf(id));
  }

  /** Who was refused, or could not log in. */
  putClient(event: MailEvent, id: string): void {
    const client = this.#clients.get(connectionOf(id));
    if (client === undefined || event.clientIp !== undefined) return;
    if (client.ip !== undefined) event.clientIp = client.ip;
    if (client.port !== undefined) event.clientPort = client.port;
  }

  /** A plugin hands a message on while its client waits, to `host:port`. */
  forwarding(id: string, to: string): void {
    this.#forwards.put(id, detach(to.slice(0, longestHost)));
  }

  /** Who took it, and for whom it was, where all are of one domain. */
  putForwarded(event: MailEvent, id: string): void {
    const found = /^(\S{1,255}):(\d{1,5})$/.exec(this.#forwards.take(id) ?? "");
    if (found !== null) {
      event.relay = found[1] ?? "";
      const ip = canonicalIp(event.relay.replace(/^\[(.*)\]$/, "$1"));
      if (ip !== undefined) event.relayIp = ip;
      event.relayPort = Number(found[2]);
    }
    const transaction = this.#transactions.get(id);
    const domains = transaction === undefined ? [] : byDomain(transaction);
    if (domains.length !== 1) return;
    event.to = `@${domains[0]?.domain ?? ""}`;
    event.nrcpt = domains[0]?.recipients ?? 1;
  }

  sender(id: string, from: string): void {
    this.#transactions.put(id, { from: detach(from), runs: [], left: new Map() });
  }

  recipient(id: string, to: string): void {
    const transaction = this.#transactions.get(id);
    const runs = transaction?.runs;
    if (transaction === undefined || runs === undefined || runs === null) return;
    const domain = to.slice(to.lastIndexOf("@") + 1);
    const last = runs.at(-1);
    if (last?.domain === domain) runs[runs.length - 1] = { domain: last.domain, recipients: last.recipients + 1 };
    else if (runs.length < mostDomains) runs.push({ domain: detach(domain), recipients: 1 });
    else transaction.runs = null;
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
    if (cause?.host !== undefined) putHop(event, cause.host, cause.port);
    return cause?.text;
  }

  /** A delivery took place: to so many recipients; others are put off or refused. Null when the line states no numbers. */
  delivered(id: string, domain: string, counts: RecipientCounts | null): void {
    const { transaction, number } = this.#delivery(id);
    if (transaction === undefined || counts === null) return;
    const [done, putOff, refused] = counts;
    // Those that are put off or refused go on under the same number.
    leave(transaction, number, putOff);
    if (done + putOff + refused > 1) this.#splits = false;
    else if (byDomain(transaction)[number - 1]?.domain !== domain) this.#splits = true;
  }

  /** It is put off for so many recipients. */
  putOff(id: string, recipients: number): void {
    const { transaction, number } = this.#delivery(id);
    if (transaction !== undefined) leave(transaction, number, recipients);
  }

  /** Whom a delivery was for, where its line names nobody. */
  destination(id: string): Destination | undefined {
    const { transaction, number } = this.#delivery(id);
    if (transaction === undefined) return undefined;
    const domains = byDomain(transaction);
    if (number > domains.length && domains.length > 0) this.#splits = true;
    const found = this.#splits ? nth(transaction, number) : domains[number - 1];
    return found && { domain: found.domain, recipients: transaction.left.get(number) ?? found.recipients };
  }

  /** `UUID.1.2` is the second delivery of the transaction `UUID.1`. */
  #delivery(id: string): { readonly transaction: Transaction | undefined; readonly number: number } {
    const [uuid = "", nth = "", number] = id.split(".");
    const transaction = number === undefined ? undefined : this.#transactions.get(`${uuid}.${nth}`);
    return { transaction: transaction?.runs == null ? undefined : transaction, number: Number(number) };
  }
}

/** As Haraka puts them together for its deliveries: in the order in which each domain came first. */
function byDomain({ runs }: Transaction): Destination[] {
  const found = new Map<string, Destination>();
  for (const { domain, recipients } of runs ?? [])
    found.set(domain, { domain, recipients: recipients + (found.get(domain)?.recipients ?? 0) });
  return [...found.values()];
}

function nth({ runs }: Transaction, number: number): Destination | undefined {
  let before = 0;
  for (const { domain, recipients } of runs ?? []) {
    before += recipients;
    if (number <= before) return { domain, recipients: 1 };
  }
  return undefined;
}

function leave({ left }: Transaction, number: number, recipients: number): void {
  if (left.size < mostDeliveries || left.has(number)) left.set(number, recipients);
}

const connectionOf = (id: string): string => id.split(".", 1)[0] ?? id;

export function wholePort(text: string | undefined): number | undefined {
  const port = Number(text ?? Number.NaN);
  return Number.isInteger(port) && port <= 65_535 ? port : undefined;
}

/** The next hop of an attempt: an address, with a name or without. */
export function putHop(event: MailEvent, host: string, port: number | undefined): void {
  event.relay = host;
  const ip = canonicalIp(host.replace(/^\[(.*)\]$/, "$1"));
  if (ip !== undefined) event.relayIp = ip;
  if (port !== undefined) event.relayPort = port;
}
