import type { EpochMs } from "@mailtide/shared";
import type { TruthSummary } from "../simulate-contract.ts";
import type { Session } from "../world.ts";

/** Who attacked, and who was new and innocent. */
export interface Sources {
  /** A client that came so far that a log knows its address. */
  seen(session: Session, atMs: EpochMs): void;
  attackers(): TruthSummary["attackers"];
  innocentNew(): TruthSummary["innocentNew"];
}

/** Before `firstEventMs` everybody is known. */
export function createSources(firstEventMs: EpochMs): Sources {
  const attackers = new Map<string, { messages: number; secondAtMs: EpochMs | null }>();
  const known = new Set<string>();
  const fresh = new Set<string>();
  return {
    seen({ who, client: { ip } }, atMs) {
      if (who === "attacker") {
        const attacker = attackers.get(ip);
        if (attacker === undefined) attackers.set(ip, { messages: 1, secondAtMs: null });
        else {
          attacker.messages++;
          attacker.secondAtMs ??= atMs;
        }
      } else if (who === "innocent") {
        if (atMs < firstEventMs) known.add(ip);
        else if (!known.has(ip)) fresh.add(ip);
      }
    },
    attackers: () =>
      [...attackers].map(([ip, { messages, secondAtMs }]) => ({
        ip,
        messages,
        secondAt: secondAtMs === null ? null : new Date(secondAtMs).toISOString(),
      })),
    // An address that also attacked is nobody whom a list of attackers must spare.
    innocentNew: () => [...fresh].filter((ip) => !attackers.has(ip)),
  };
}
