import type { EpochMs } from "@mailtide/shared";
import { z } from "zod";
import type { Logger } from "../../observe/logger.ts";
import type { KeyValue } from "../settings.ts";
import { hashOf, newSecret, sameHash } from "./hash.ts";
import { loadSaved } from "./saved.ts";

/** The admin link that `serve` prints: the way in when there is no token yet. One at a time. */
export interface OneTimeLink {
  /** The secret of a fresh link; the one before it stops working. */
  renew(): Promise<string>;
  /** True once, within 15 minutes; durable before it says so, so that a crash cannot give the link back. */
  consume(secret: string): Promise<boolean>;
}

const stateKey = "access/one-time-link";
const lifetimeMs = 15 * 60_000;
const savedLink = z.object({ hash: z.base64(), expiresAtMs: z.number() }).nullable();

export async function openOneTimeLink(state: KeyValue, now: () => EpochMs, logger: Logger): Promise<OneTimeLink> {
  const { value, saved } = await loadSaved(state, stateKey, (json) => savedLink.parse(json), logger);
  let link = value;

  return {
    async renew() {
      const secret = newSecret();
      link = { hash: hashOf(secret).toString("base64"), expiresAtMs: now() + lifetimeMs };
      await saved.save(link);
      return secret;
    },
    async consume(secret) {
      if (link === null || link.expiresAtMs <= now()) return false;
      if (!sameHash(Buffer.from(link.hash, "base64"), hashOf(secret))) return false;
      // Before the first await: two requests at once must not both see it.
      link = null;
      await saved.save(null);
      return true;
    },
  };
}
