import type { MailEvent } from "../../../core/event.ts";
import { detach } from "../../../core/text/detach.ts";
import { Kept } from "../../kept.ts";

/** More than a server has open at once; who is forgotten is missing in the lines that follow. */
const mostSessions = 10_000;

/** The other side of a session: who sends to us, or whom we send to. */
interface Session {
  readonly ip: string | undefined;
  readonly name: string | undefined;
  readonly port: number | undefined;
  user: string | undefined;
  /** A log-in has failed, and the answer that the client gets for it is still to come. */
  hasFailed: boolean;
}

/**
 * OpenSMTPD says in the first line of a session who is there, and in none that follows (smtp_session.c, mta_session.c). The id that
 * each of them begins with joins them.
 */
export class Sessions {
  readonly #clients = new Kept<Session>(mostSessions);
  readonly #hops = new Kept<Session>(mostSessions);

  join(event: MailEvent, id: string, kind: string): void {
    if (kind === "smtp connected") return this.#clients.put(id, clientOf(event));
    if (kind === "mta connecting") return this.#hops.put(id, hopOf(event));
    if (kind.startsWith("smtp ")) {
      const isLogin = kind === "smtp authentication";
      const client = this.#clients.get(id) ?? (isLogin ? this.#unseen(id) : undefined);
      if (client === undefined) return;
      if (isLogin) logIn(event, client);
      else answerLogin(event, client);
      putClient(event, client);
      if (isEnd(kind)) this.#clients.take(id);
    } else if (kind.startsWith("mta ")) {
      const hop = this.#hops.get(id);
      // A delivery names its own relay.
      if (hop !== undefined && kind !== "mta delivery") putRelay(event, hop);
      if (isEnd(kind)) this.#hops.take(id);
    }
  }

  /** Who came before the log began. */
  #unseen(id: string): Session {
    const client = clientOf({ event: "other" });
    this.#clients.put(id, client);
    return client;
  }
}

function logIn(event: MailEvent, client: Session): void {
  client.hasFailed = event.event === "auth-failure";
  if (!client.hasFailed && event.saslUsername !== undefined) client.user = detach(event.saslUsername);
}

/** `smtp failed-command command="AUTH LOGIN (password)" result="535 Authentication failed"` says the failure of the line before again. */
function answerLogin(event: MailEvent, client: Session): void {
  const isAgain = client.hasFailed && event.event === "auth-failure";
  client.hasFailed = false;
  if (!isAgain) return;
  event.event = "other";
  event.action = "authentication failed";
  delete event.reject;
}

const isEnd = (kind: string): boolean => kind.endsWith(" disconnected") || kind.endsWith(" closed");

const own = (text: string | undefined): string | undefined => (text === undefined ? undefined : detach(text));

const clientOf = ({ clientIp, clientName, clientPort }: MailEvent): Session => ({
  ip: clientIp,
  name: own(clientName),
  port: clientPort,
  user: undefined,
  hasFailed: false,
});

const hopOf = ({ relayIp, relay, relayPort }: MailEvent): Session => ({
  ip: relayIp,
  name: own(relay),
  port: relayPort,
  user: undefined,
  hasFailed: false,
});

/** What the line says itself counts. */
function putClient(event: MailEvent, { ip, name, user }: Session): void {
  if (event.clientIp === undefined && ip !== undefined) event.clientIp = ip;
  if (event.clientName === undefined && name !== undefined) event.clientName = name;
  if (event.saslUsername === undefined && user !== undefined && event.event === "message") event.saslUsername = user;
}

function putRelay(event: MailEvent, { ip, name, port }: Session): void {
  if (event.relay === undefined && name !== undefined) event.relay = name;
  if (event.relayIp === undefined && ip !== undefined) event.relayIp = ip;
  if (event.relayPort === undefined && event.relayIp === ip && port !== undefined) event.relayPort = port;
}
