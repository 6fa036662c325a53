import type { EpochMs } from "@mailtide/shared";
import type { Standing, UnderWay } from "./under-way.ts";
import type { Trouble } from "./way-back.ts";

/**
 * How the way through the platform stands, by what is out and by whether it could be seen if it came back. Null as long as
 * nothing is known. What lies in a mailbox that cannot be read is not back: nobody can read it. The wait of what is out goes
 * on; where nothing is out, what has lasted is the trouble itself.
 */
export function standingOf(out: UnderWay, trouble: Trouble | null, nowMs: EpochMs): Standing | null {
  const standing = out.standing(nowMs);
  if (trouble === null) return standing;
  const words = `the mailbox cannot be read: ${trouble.words}`;
  if (standing?.details.refused === true) return { ...standing, error: `${standing.error}; and ${words}` };
  const isWaiting = standing?.details.waitingSeconds !== undefined;
  return {
    ok: false,
    latencySeconds: isWaiting ? standing.latencySeconds : Math.max(0, nowMs - trouble.sinceMs) / 1000,
    error: words,
    details: { ...standing?.details, unreadable: true },
  };
}
