import { nodeId } from "@mailtide/shared";
import type { EpochMs, NodeId, Scope } from "@mailtide/shared";
import { z } from "zod";
import type { Logger } from "../../observe/logger.ts";
import type { AuthSettings, KeyValue } from "../settings.ts";
import { hashOf } from "./hash.ts";
import { loadSaved } from "./saved.ts";

/** A token that data was sent with and that is good no more. */
export interface Retired {
  readonly name: string;
  /** Null: it spoke for any. */
  readonly node: NodeId | null;
  readonly how: "revoked" | "unconfigured";
}

export interface RetiredTokens {
  find(secret: string): Retired | null;
  revoked(token: Retirable, hash: Buffer): Promise<void>;
}

/** Who only looked is missed by nobody. */
interface Retirable {
  readonly name: string;
  readonly node?: NodeId | undefined;
  readonly scopes: readonly Scope[];
}
const isRetirable = ({ node, scopes }: Pick<Retirable, "node" | "scopes">): boolean =>
  node !== undefined || scopes.includes("ingest");

const stateKey = "access/retired-tokens";
/** The newest are kept. */
const mostRetired = 200;

const named = { name: z.string(), node: z.string().nullable(), hash: z.base64() };
const document = z.object({
  retired: z.array(z.object({ ...named, how: z.enum(["revoked", "unconfigured"]), atMs: z.number() })),
  /** As of the last start: whichever the configuration has no more is retired. */
  configured: z.array(z.object(named)),
});
type Document = z.infer<typeof document>;

/**
 * Remembers by their hashes the tokens that data once came with: whoever still uses one can be named. What never was ours
 * leaves no trace here.
 */
export async function openRetiredTokens(
  settings: Pick<AuthSettings, "tokens">,
  state: KeyValue,
  now: () => EpochMs,
  logger: Logger,
): Promise<RetiredTokens> {
  const { value, saved } = await loadSaved(state, stateKey, read, logger);
  const configured = settings.tokens
    .filter(isRetirable)
    .map(({ name, node, secret }) => ({ name, node: node ?? null, hash: textOf(secret.reveal()) }));
  const good = new Set(configured.map(({ hash }) => hash));
  const left = (value?.configured ?? []).map((one) => ({ ...one, how: "unconfigured" as const, atMs: now() }));
  let retired = [...(value?.retired ?? []), ...left].filter(({ hash }) => !good.has(hash)).slice(-mostRetired);
  if (value !== null || configured.length > 0) saved.saveSoon({ retired, configured });

  return {
    find(secret) {
      const sought = textOf(secret);
      const found = retired.find(({ hash }) => hash === sought);
      if (found === undefined) return null;
      return { name: found.name, node: found.node === null ? null : nodeId(found.node), how: found.how };
    },
    async revoked(token, hash) {
      if (!isRetirable(token)) return;
      const { name, node = null } = token;
      const one = { name, node, hash: hash.toString("base64"), how: "revoked" as const, atMs: now() };
      retired = [...retired, one].slice(-mostRetired);
      await saved.save({ retired, configured });
    },
  };
}

const read = (json: unknown): Document | null => document.nullable().parse(json);
const textOf = (secret: string): string => hashOf(secret).toString("base64");

/** For the one who still uses it. */
export function goneWords({ how }: Retired): string {
  return how === "revoked" ? "was revoked" : "is no longer in this server's configuration";
}
