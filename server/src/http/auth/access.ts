import type { IncomingMessage } from "node:http";
import { parseCookie } from "cookie";
import type { EpochMs, NodeId } from "@mailtide/shared";
import type { Principal } from "../../core/principal.ts";
import type { Logger } from "../../observe/logger.ts";
import type { AuthSettings, HttpMetrics, KeyValue, ServerSettings } from "../settings.ts";
import { createAttempts } from "./attempts.ts";
import { createDescribe, isLoopbackName, prefixes } from "./connection.ts";
import type { Connection, DescribeConnection } from "./connection.ts";
import { openOneTimeLink } from "./link.ts";
import type { OneTimeLink } from "./link.ts";
import { createOriginOf } from "./origin.ts";
import type { OriginOf } from "./origin.ts";
import { goneWords } from "./retired.ts";
import type { Retired } from "./retired.ts";
import { openSessions } from "./sessions.ts";
import type { Sessions } from "./sessions.ts";
import { openTokenBook } from "./tokens.ts";
import type { Token, TokenBook } from "./tokens.ts";

/** Who may do what, for requests and sockets alike. */
export interface Access {
  /** Before a socket is opened at all: is this page ours, and where does it come from? */
  admit(request: IncomingMessage): Admission;
  /** A socket: its token, else what the browser brings along, believed only from our own pages. */
  authenticate(request: IncomingMessage, token: string | null): Principal | null;
  identify(request: IncomingMessage): Identity;
  checkToken(secret: string, connection: Connection): TokenCheck;
  /** Who speaks with this token, however it came. */
  byToken(secret: string, connection: Connection): Identity;
  isStillGood(principal: Principal): boolean;
  onRevoked(listener: () => void): () => void;
  revokeToken(id: string): ReturnType<TokenBook["revoke"]>;
  endSession(principal: Principal): Promise<void>;
  readonly describe: DescribeConnection;
  readonly originOf: OriginOf;
  readonly tokens: TokenBook;
  readonly sessions: Sessions;
  readonly link: OneTimeLink;
}
export type Admission =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly reason: "origin" | "address"; readonly detail: string };
export type Identity =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly why: "none" | "limited" }
  | WrongToken;
export type TokenCheck =
  | { readonly ok: true; readonly token: Token }
  | { readonly ok: false; readonly why: "limited" }
  | WrongToken;
export interface WrongToken {
  readonly ok: false;
  readonly why: "wrong";
  /** It was a node's once. */
  readonly retired: Retired | null;
}

export interface AccessParts {
  readonly settings: ServerSettings;
  readonly auth: AuthSettings;
  readonly state: KeyValue;
  readonly metrics: Pick<HttpMetrics, "signInRefused">;
  /** Told of a token that is good no more; without a node it spoke for any. */
  readonly agents?: { turnedAway(node: NodeId, why: string, from: string): void } | undefined;
  readonly writes?: { turnedAway(node: NodeId | null, why: string, from: string): void } | undefined;
  readonly logger: Logger;
  readonly now: () => EpochMs;
}

const none: Identity = { ok: false, why: "none" };
const longestSecret = 512;

export async function openAccess(parts: AccessParts): Promise<Access> {
  const { settings, auth, state, metrics, agents, writes, logger, now } = parts;
  const describe = createDescribe(settings);
  const originOf = createOriginOf(settings, describe);
  const tokens = await openTokenBook(auth, state, now, logger);
  const sessions = await openSessions(tokens, state, now, logger);
  const link = await openOneTimeLink(state, now, logger);
  const attempts = createAttempts(now);
  const fromProxy = prefixes(auth.proxyHeader?.trustedProxies ?? []);
  const listeners = new Set<() => void>();
  const revoked = (): void => {
    for (const listener of listeners) listener();
  };
  const anonymousMayRead =
    auth.tokens.length === 0 && auth.proxyHeader === undefined && isLoopbackName(settings.host.toLowerCase());

  function checkToken(secret: string, { clientAddress }: Connection): TokenCheck {
    if (attempts.isLimited(clientAddress)) {
      metrics.signInRefused("limited");
      return { ok: false, why: "limited" };
    }
    const token = secret.length <= longestSecret ? tokens.find(secret) : null;
    if (token !== null) return { ok: true, token };
    // Whoever repeats it for ever must not fill the log's disk.
    const isNew = attempts.wrong(clientAddress, secret.slice(0, longestSecret));
    const retired = secret.length <= longestSecret ? tokens.retired(secret) : null;
    if (retired === null && isNew) logger.warn("a wrong token was presented", { clientAddress });
    if (retired !== null) {
      const { node, name } = retired;
      const why = `its token ${name} ${goneWords(retired)}`;
      if (node !== null) agents?.turnedAway(node, why, clientAddress);
      writes?.turnedAway(node, why, clientAddress);
      if (isNew) logger.warn("a token that is good no more was presented", { clientAddress, node, why });
    }
    metrics.signInRefused("wrong");
    return { ok: false, why: "wrong", retired };
  }

  function byToken(secret: string, connection: Connection): Identity {
    const check = checkToken(secret, connection);
    if (!check.ok) return check;
    const { id, name, scopes, node } = check.token;
    const principal: Principal = { name, kind: "token", scopes, credential: `token:${id}` };
    return { ok: true, principal: node === undefined ? principal : { ...principal, node } };
  }

  /** What comes along without the caller's doing: believed for reading, never alone for a write (see `originOf`). */
  function ambient(request: IncomingMessage, connection: Connection): Identity {
    const cookie = parseCookie(request.headers.cookie ?? "")[cookieName(connection)];
    const session = cookie === undefined ? null : sessions.find(cookie);
    if (session !== null) return { ok: true, principal: session };
    const name = auth.proxyHeader === undefined ? undefined : request.headers[auth.proxyHeader.header.toLowerCase()];
    if (auth.proxyHeader !== undefined && typeof name === "string" && fromProxy(connection.peerAddress)) {
      const shown = name.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
      const { scopes } = auth.proxyHeader;
      if (shown !== "") return { ok: true, principal: { name: shown, kind: "proxy", scopes, credential: "proxy" } };
    }
    if (!anonymousMayRead || !connection.direct) return none;
    const principal: Principal = {
      name: "anonymous on this machine",
      kind: "anonymous-loopback",
      scopes: ["read"],
      credential: "loopback",
    };
    return { ok: true, principal };
  }

  return {
    admit(request) {
      if (originOf(request) !== "foreign") return { ok: true, address: describe(request).clientAddress };
      return { ok: false, reason: "origin", detail: "this page may not talk to Mailtide" };
    },
    authenticate(request, token) {
      const connection = describe(request);
      const secret = token ?? bearerOf(request);
      if (secret !== null) {
        const identity = byToken(secret, connection);
        return identity.ok ? identity.principal : null;
      }
      if (originOf(request) !== "ours") return null;
      const identity = ambient(request, connection);
      return identity.ok ? identity.principal : null;
    },
    identify(request) {
      const connection = describe(request);
      const secret = bearerOf(request);
      return secret === null ? ambient(request, connection) : byToken(secret, connection);
    },
    checkToken,
    byToken,
    isStillGood({ kind, credential }) {
      if (kind === "session") return sessions.isGood(credential);
      return kind !== "token" || tokens.byId(credential.replace(/^token:/, "")) !== null;
    },
    onRevoked(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // Both take effect before they are durable: the screens are thrown out at once.
    revokeToken(id) {
      const done = tokens.revoke(id);
      revoked();
      return done;
    },
    endSession({ credential }) {
      const done = sessions.end(credential);
      revoked();
      return done;
    },
    describe,
    originOf,
    tokens,
    sessions,
    link,
  };
}

/** Cookies do not know ports: two Mailtides on one host must not take each other's. */
export function cookieName({ host, secure }: Connection): string {
  const port = /:(\d+)$/.exec(host ?? "")?.[1] ?? (secure ? "443" : "80");
  return `${secure ? "__Host-" : ""}mailtide-${port}`;
}

function bearerOf(request: IncomingMessage): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? null;
}
