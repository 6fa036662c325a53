import { scopes as allScopes } from "@mailtide/shared";
import type { EpochMs, Millis, Scope } from "@mailtide/shared";
import { z } from "zod";
import type { Principal } from "../../core/principal.ts";
import type { Logger } from "../../observe/logger.ts";
import type { KeyValue } from "../settings.ts";
import { hashOf, newSecret } from "./hash.ts";
import { loadSaved } from "./saved.ts";
import type { TokenBook } from "./tokens.ts";

/** Browser sessions. What one may do is what the token behind it may do now, not what it could then. */
export interface Sessions {
  /** Returns the secret for the cookie. Durable when it resolves. */
  open(
    behind: Behind,
  ): Promise<{ readonly secret: string; readonly principal: Principal; readonly lifetimeMs: Millis }>;
  find(secret: string): Principal | null;
  /** By `Principal.credential`. Being asked keeps a wall's session alive, but nobody's who may act. */
  isGood(credential: string): boolean;
  end(credential: string): Promise<void>;
}
export type Behind =
  | { readonly kind: "token"; readonly id: string }
  /** The one-time admin link. */
  | { readonly kind: "link" };

const stateKey = "access/sessions";
/** A wall runs for months with nobody near it; a person who may act signs in every day. */
const wallLifetimeMs = 30 * 86_400_000;
const personLifetimeMs = 12 * 3_600_000;
const sessionsAllowed = 1_000;

const savedSession = z.object({
  hash: z.string(),
  tokenId: z.string().nullable(),
  lifetimeMs: z.number(),
  expiresAtMs: z.number(),
});
type SavedSession = z.infer<typeof savedSession>;
const read = (json: unknown): SavedSession[] => z.array(savedSession).nullable().parse(json) ?? [];

export async function openSessions(
  tokens: TokenBook,
  state: KeyValue,
  now: () => EpochMs,
  logger: Logger,
): Promise<Sessions> {
  const { value, saved } = await loadSaved(state, stateKey, read, logger);
  const held = new Map(value.map((session) => [session.hash, session]));

  function living(hash: string): { readonly session: SavedSession; readonly principal: Principal } | null {
    const session = held.get(hash);
    if (session === undefined || session.expiresAtMs <= now()) return null;
    const owner = ownerOf(session.tokenId);
    return owner === null
      ? null
      : { session, principal: { ...owner, kind: "session", credential: `session:${session.hash}` } };
  }

  function ownerOf(tokenId: string | null): { readonly name: string; readonly scopes: readonly Scope[] } | null {
    if (tokenId === null) return { name: "admin", scopes: allScopes };
    const token = tokens.byId(tokenId);
    return token === null ? null : { name: token.name, scopes: token.scopes };
  }

  /** The end moves with use; on disk only when it has moved by a twentieth. */
  function moveEnd(session: SavedSession): void {
    const expiresAtMs = now() + session.lifetimeMs;
    if (expiresAtMs - session.expiresAtMs < session.lifetimeMs / 20) return;
    held.set(session.hash, { ...session, expiresAtMs });
    saved.saveSoon([...held.values()]);
  }

  function makeRoom(): void {
    for (const hash of held.keys()) if (living(hash) === null) held.delete(hash);
    const soonest = [...held.values()].sort((a, b) => a.expiresAtMs - b.expiresAtMs);
    for (const { hash } of soonest.slice(0, Math.max(0, held.size - sessionsAllowed + 1))) held.delete(hash);
  }

  return {
    async open(behind) {
      makeRoom();
      const tokenId = behind.kind === "token" ? behind.id : null;
      const owner = ownerOf(tokenId);
      if (owner === null) throw new Error("the token was revoked while its session was opened");
      const lifetimeMs = owner.scopes.every((scope) => scope === "read") ? wallLifetimeMs : personLifetimeMs;
      const secret = newSecret();
      const hash = hashOf(secret).toString("base64url");
      held.set(hash, { hash, tokenId, lifetimeMs, expiresAtMs: now() + lifetimeMs });
      await saved.save([...held.values()]);
      return { secret, lifetimeMs, principal: { ...owner, kind: "session", credential: `session:${hash}` } };
    },
    find(secret) {
      const found = living(hashOf(secret).toString("base64url"));
      if (found !== null) moveEnd(found.session);
      return found?.principal ?? null;
    },
    isGood(credential) {
      const found = living(credential.replace(/^session:/, ""));
      if (found?.session.lifetimeMs === wallLifetimeMs) moveEnd(found.session);
      return found !== null;
    },
    async end(credential) {
      if (held.delete(credential.replace(/^session:/, ""))) await saved.save([...held.values()]);
    },
  };
}
