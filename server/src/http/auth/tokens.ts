import { randomUUID } from "node:crypto";
import { nodeId, scopes as allScopes } from "@mailtide/shared";
import type { EpochMs, NodeId, Scope } from "@mailtide/shared";
import { z } from "zod";
import type { Logger } from "../../observe/logger.ts";
import type { AuthSettings, KeyValue } from "../settings.ts";
import { hashOf, newSecret, sameHash } from "./hash.ts";
import { openRetiredTokens } from "./retired.ts";
import type { Retired } from "./retired.ts";
import { loadSaved } from "./saved.ts";

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly node?: NodeId | undefined;
  /** Configured ones stand in the configuration and go with it. */
  readonly origin: "configured" | "created";
  readonly createdAtMs: EpochMs | null;
  /** Since the start of this server for configured ones. */
  readonly lastUsedAtMs: EpochMs | null;
}

export interface TokenBook {
  /** Looks at every token, so that the time tells nothing. */
  find(secret: string): Token | null;
  /** A node's token of which this is the secret, and that is good no more. */
  retired(secret: string): Retired | null;
  byId(id: string): Token | null;
  list(): readonly Token[];
  /** The secret is shown here once and never again: only its hash is kept. */
  create(name: string, scopes: readonly Scope[], node?: NodeId): Promise<Creation>;
  revoke(id: string): Promise<"revoked" | "unknown" | "configured">;
}
export type Creation =
  | { readonly ok: true; readonly token: Token; readonly secret: string }
  | { readonly ok: false; readonly error: string };

interface Held {
  token: Token;
  readonly hash: Buffer;
}

const stateKey = "access/tokens";
const createdAllowed = 200;
const usedAgainAfterMs = 10 * 60_000;

const savedTokens = z
  .array(
    z.object({
      id: z.string(),
      name: z.string(),
      scopes: z.array(z.enum(allScopes)),
      node: z.string().transform(nodeId).exactOptional(),
      createdAtMs: z.number(),
      lastUsedAtMs: z.number().nullable(),
      hash: z.base64(),
    }),
  )
  .nullable();

export async function openTokenBook(
  settings: Pick<AuthSettings, "tokens">,
  state: KeyValue,
  now: () => EpochMs,
  logger: Logger,
): Promise<TokenBook> {
  const { value, saved } = await loadSaved(state, stateKey, (json) => savedTokens.parse(json) ?? [], logger);
  const retired = await openRetiredTokens(settings, state, now, logger);
  const held = new Map<string, Held>();
  for (const { name, secret, scopes, node } of settings.tokens) {
    const hash = hashOf(secret.reveal());
    // The hash is part of the id: another secret under the same name ends the sessions made with the old one.
    const id = `configured-${name}-${hash.toString("hex", 0, 6)}`;
    const dates = { createdAtMs: null, lastUsedAtMs: null };
    held.set(id, { hash, token: { id, name, scopes, node, origin: "configured", ...dates } });
  }
  for (const { hash, ...token } of value) {
    held.set(token.id, { hash: Buffer.from(hash, "base64"), token: { ...token, origin: "created" } });
  }

  const created = (): readonly Held[] => [...held.values()].filter(({ token }) => token.origin === "created");
  const document = (): z.infer<typeof savedTokens> =>
    created().map(({ token, hash }) => ({
      id: token.id,
      name: token.name,
      scopes: [...token.scopes],
      ...(token.node === undefined ? {} : { node: token.node }),
      createdAtMs: token.createdAtMs ?? 0,
      lastUsedAtMs: token.lastUsedAtMs,
      hash: hash.toString("base64"),
    }));

  function used(one: Held): void {
    const before = one.token.lastUsedAtMs ?? -Infinity;
    one.token = { ...one.token, lastUsedAtMs: now() };
    if (one.token.origin === "created" && now() - before > usedAgainAfterMs) saved.saveSoon(document() ?? []);
  }

  return {
    find(secret) {
      const hash = hashOf(secret);
      let found: Held | null = null;
      for (const one of held.values()) if (sameHash(one.hash, hash)) found = one;
      if (found === null) return null;
      used(found);
      return found.token;
    },
    retired: (secret) => retired.find(secret),
    byId: (id) => held.get(id)?.token ?? null,
    list: () => [...held.values()].map(({ token }) => token),
    async create(name, scopes, node) {
      const taken = [...held.values()].some(({ token }) => token.name === name);
      if (taken) return { ok: false, error: `A token named "${name}" exists already.` };
      if (created().length >= createdAllowed) {
        return { ok: false, error: `There are ${createdAllowed} tokens already: revoke one that is not used.` };
      }
      const secret = newSecret();
      const id = randomUUID();
      const token: Token = { id, name, scopes, node, origin: "created", createdAtMs: now(), lastUsedAtMs: null };
      held.set(id, { token, hash: hashOf(secret) });
      await saved.save(document() ?? []);
      return { ok: true, token, secret };
    },
    async revoke(id) {
      const one = held.get(id);
      if (one === undefined) return "unknown";
      if (one.token.origin === "configured") return "configured";
      held.delete(id);
      await saved.save(document() ?? []);
      await retired.revoked(one.token, one.hash);
      return "revoked";
    },
  };
}
