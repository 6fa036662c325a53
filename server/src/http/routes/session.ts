import { stringifySetCookie } from "cookie";
import type { EpochMs, Millis } from "@mailtide/shared";
import { scopes } from "@mailtide/shared";
import { z } from "zod";
import type { Access } from "../auth/access.ts";
import { cookieName } from "../auth/access.ts";
import type { Connection } from "../auth/connection.ts";
import type { AuditEntry, HttpMetrics } from "../settings.ts";
import { ProblemError } from "../problem.ts";
import { noContent, withBody, withoutBody } from "../route.ts";
import type { Route } from "../route.ts";

export interface SessionParts {
  readonly access: Access;
  readonly metrics: Pick<HttpMetrics, "signedIn">;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly now: () => EpochMs;
  /** True when browsers reach us by https, whatever this connection looks like. */
  readonly publicIsSecure: boolean;
}

const signIn = z.object({ token: z.string().min(1).max(512) });
const whoami = z.object({
  name: z.string(),
  kind: z.enum(["token", "session", "proxy", "anonymous-loopback"]),
  scopes: z.array(z.enum(scopes)),
});

export function sessionRoutes(parts: SessionParts): readonly Route[] {
  const { access, metrics, audit, now } = parts;
  return [
    withBody({
      method: "post",
      path: "/api/v1/session",
      summary: "Exchanges a token for a session cookie",
      needs: "anybody",
      limit: "sign-in",
      body: signIn,
      answers: { 204: { description: "Signed in; the cookie is set" } },
      async handle({ body, connection }) {
        const check = access.checkToken(body.token, connection);
        if (!check.ok && check.why === "limited") {
          throw new ProblemError(429, "Too many wrong tokens from this address. Wait a minute.");
        }
        if (!check.ok) throw new ProblemError(401, "This token is not known here.");
        const session = await access.sessions.open({ kind: "token", id: check.token.id });
        await audit({
          atMs: now(),
          principal: session.principal.name,
          action: "sign-in",
          detail: `token from ${connection.clientAddress}`,
        });
        metrics.signedIn("token");
        return { status: 204, headers: { "Set-Cookie": sessionCookie(session, connection, parts) } };
      },
    }),
    withoutBody({
      method: "delete",
      path: "/api/v1/session",
      summary: "Ends the session of this browser",
      needs: "principal",
      answers: { 204: { description: "Signed out; its screens are disconnected" } },
      async handle({ principal, connection }) {
        if (principal.kind !== "session") return noContent;
        await access.endSession(principal);
        await audit({ atMs: now(), principal: principal.name, action: "sign-out", detail: "" });
        const gone = sessionCookie({ secret: "", lifetimeMs: 0 }, connection, parts);
        return { status: 204, headers: { "Set-Cookie": gone } };
      },
    }),
    withoutBody({
      method: "get",
      path: "/api/v1/whoami",
      summary: "Who the caller is and what it may do",
      needs: "principal",
      answers: { 200: { description: "The caller", schema: whoami } },
      handle: ({ principal: { name, kind, scopes } }) => ({ status: 200, json: { name, kind, scopes } }),
    }),
  ];
}

/** Strict: no other site's link or form ever carries it. */
export function sessionCookie(
  { secret, lifetimeMs }: { readonly secret: string; readonly lifetimeMs: Millis },
  connection: Connection,
  { publicIsSecure }: Pick<SessionParts, "publicIsSecure">,
): string {
  return stringifySetCookie({
    name: cookieName(connection),
    value: secret,
    path: "/",
    httpOnly: true,
    sameSite: "strict",
    secure: connection.secure || publicIsSecure,
    // A wall's browser runs for months without a request: its cookie must outlive the sliding end on the server.
    maxAge: Math.min(400 * 86_400, (lifetimeMs / 1000) * (lifetimeMs > 86_400_000 ? 12 : 1)),
  });
}
