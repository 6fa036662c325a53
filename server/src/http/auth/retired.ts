import { nodeId } from "@mailtide/shared";
import type { EpochMs, NodeId } from "@mailtide/shared";
import { z } from "zod";
import type { Logger } from "../../observe/logger.ts";
import type { AuthSettings, KeyValue } from "../settings.ts";
import { hashOf } from "./hash.ts";
import { loadSaved } from "./saved.ts";

/** A token of a node that is good no more. */
export interface Retired {
  readonly name: string;
  readonly node: NodeId;
  readonly how: "revoked" | "unconfigured";
}

export interface RetiredTokens {
  find(secret: string): Retired | null;
  revoked(token: { readonly name: string; readonly node: NodeId; readonly hash: Buffer }): Promise<void>;
}

const stateKey = "access/retired-tokens";
/** The newest are kept. */
const mostRetired = 200;

const named = { name: z.string(), node: z.string(), hash: z.base64() };
const document = z.object({
  retired: z.array(z.object({ ...named, how: z.enum(["revoked", "unconfigured"]), atMs: z.number() })),
  /** As of the last start: whichever the configuration has no more is retired. */
  configured: z.array(z.object(named)),
});
type Document = z.infer<typeof document>;

/**
 * Remembers the tokens that nodes once had, by their hashes: an agent that still uses one can be named. What never was ours
 * leaves no trace here.
 */
export async function openRetiredTokens(
  settings: Pick<AuthSettings, "tokens">,
  state: KeyValue,
  now: () => EpochMs,
  logger: Logger,
): Promise<RetiredTokens> {
  const { value, saved } = await loadSaved(state, stateKey, read, logger);
  const configured = settings.tokens.flatMap(({ name, node, secret }) =>
    node === undefined ? [] : [{ name, node, hash: textOf(secret.reveal()) }],
  );
  const good = new Set(configured.map(({ hash }) => hash));
  const left = (value?.configured ?? []).map((one) => ({ ...one, how: "unconfigured" as const, atMs: now() }));
  let retired = [...(value?.retired ?? []), ...left].filter(({ hash }) => !good.has(hash)).slice(-mostRetired);
  if (value !== null || configured.length > 0) saved.saveSoon({ retired, configured });

  return {
    find(secret) {
      const sought = textOf(secret);
      const found = retired.find(({ hash }) => hash === sought);
      return found === undefined ? null : { name: found.name, node: nodeId(found.node), how: found.how };
    },
    revoked({ name, node, hash }) {
      const one = { name, node, hash: hash.toString("base64"), how: "revoked" as const, atMs: now() };
      retired = [...retired, one].slice(-mostRetired);
      return saved.save({ retired, configured });
    },
  };
}

const read = (json: unknown): Document | null => document.nullable().parse(json);
const textOf = (secret: string): string => hashOf(secret).toString("base64");

/** For the one who still uses it. */
export function goneWords({ how }: Retired): string {
  return how === "revoked" ? "was revoked" : "is no longer in this server's configuration";
}
