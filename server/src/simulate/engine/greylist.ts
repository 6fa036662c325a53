import type { EpochMs, Millis } from "@mailtide/shared";
import type { Random } from "../random.ts";
import { networkOf } from "./truth/senders.ts";
import type { Session } from "./world.ts";

/** Puts strangers off: a triple (client network, sender, recipient) that was never seen has to come back later. */
export interface Greylist {
  /** True: not yet. */
  putsOff(session: Session, recipient: string, atMs: EpochMs): boolean;
}

/** Networks whose mail came through often enough pass without being asked again. */
const knownShare = 0.9;
const passesToBeKnown = 5;
/** A triple that did not come back is forgotten. */
const memoryMs: Millis = 2 * 86_400_000;
const mostTriples = 500_000;

export function createGreylist(delayMs: Millis, random: Random): Greylist {
  const triples = new Map<string, EpochMs>();
  const networks = new Map<string, number>();
  return {
    putsOff(session, recipient, atMs) {
      if (delayMs === 0) return false;
      const network = networkOf(session.client.ip);
      let passes = networks.get(network);
      if (passes === undefined) {
        // Most of those who write to us wrote before the day began.
        passes = session.who === "innocent" && random.unit() < knownShare ? passesToBeKnown : 0;
        networks.set(network, passes);
      }
      if (passes >= passesToBeKnown) return false;
      const key = `${network} ${session.sender} ${recipient}`;
      const firstMs = triples.get(key);
      if (firstMs === undefined || atMs - firstMs > memoryMs) {
        forgetOldest(triples, atMs);
        triples.set(key, atMs);
        return true;
      }
      if (atMs - firstMs < delayMs) return true;
      networks.set(network, passes + 1);
      return false;
    },
  };
}

/** A map remembers the order in which its keys came. */
function forgetOldest(triples: Map<string, EpochMs>, atMs: EpochMs): void {
  for (const [key, firstMs] of triples) {
    if (triples.size < mostTriples && atMs - firstMs <= memoryMs) return;
    triples.delete(key);
  }
}
