import type { EpochMs, Millis } from "@mailtide/shared";
import type { Session } from "../world.ts";
import { binMs, headlineOf, trim, type WaitCohort } from "./headline.ts";

/** Mail that we refuse with 4xx waits at its sender and stands in no queue of ours. */
export interface Senders {
  deferred(session: Session, atMs: EpochMs): void;
  accepted(session: Session, atMs: EpochMs): void;
  headlineMs(nowMs: EpochMs): Millis;
}

/** (client network, sender, recipient). */
interface Triple {
  readonly firstMs: EpochMs;
  lastMs: EpochMs;
  readonly cohort: TripleCohort;
}
interface TripleCohort extends WaitCohort {
  /** Those that came back at least once: a robot does not. */
  readonly returned: Set<Triple>;
}

/** An open one is given up so long after its last try. */
const givenUpAfterMs: Millis = 4 * 3_600_000;

export function createSenders(): Senders {
  const open = new Map<string, Triple>();
  let cohorts: TripleCohort[] = [];
  let sweptMs = -Infinity;

  const cohortAt = (atMs: EpochMs): TripleCohort => {
    const startMs = Math.floor(atMs / binMs) * binMs;
    const last = cohorts.at(-1);
    if (last?.startMs === startMs) return last;
    const returned = new Set<Triple>();
    const cohort: TripleCohort = {
      startMs,
      size: 0,
      ended: [],
      recent: [],
      returned,
      waits(nowMs, each) {
        for (const { firstMs } of returned) each(nowMs - firstMs, nowMs - firstMs);
      },
    };
    cohorts.push(cohort);
    return cohort;
  };
  const sweep = (nowMs: EpochMs) => {
    if (nowMs - sweptMs < binMs) return;
    sweptMs = nowMs;
    for (const [key, triple] of open) {
      if (nowMs - triple.lastMs <= givenUpAfterMs) continue;
      open.delete(key);
      triple.cohort.returned.delete(triple);
    }
    for (const cohort of cohorts) trim(cohort, nowMs);
    cohorts = cohorts.filter((one) => one.returned.size > 0 || one.startMs > nowMs - 2 * givenUpAfterMs);
  };

  return {
    deferred(session, atMs) {
      for (const key of keysOf(session)) {
        const known = open.get(key);
        if (known !== undefined) {
          known.lastMs = atMs;
          known.cohort.returned.add(known);
          continue;
        }
        const cohort = cohortAt(atMs);
        cohort.size++;
        open.set(key, { firstMs: atMs, lastMs: atMs, cohort });
      }
    },
    accepted(session, atMs) {
      if (open.size === 0) return;
      for (const key of keysOf(session)) {
        const triple = open.get(key);
        if (triple === undefined) continue;
        // Its acceptance is its coming back.
        open.delete(key);
        triple.cohort.returned.delete(triple);
        const waitMs = atMs - triple.firstMs;
        triple.cohort.ended.push(waitMs);
        triple.cohort.recent.push({ endMs: atMs, waitMs });
      }
    },
    headlineMs(nowMs) {
      sweep(nowMs);
      return headlineOf(cohorts, nowMs);
    },
  };
}

function keysOf({ client, sender, recipients }: Session): string[] {
  const network = networkOf(client.ip);
  return recipients.map((recipient) => `${network} ${sender} ${recipient}`);
}

/** The /24 or /64 of an address. */
export function networkOf(ip: string): string {
  if (!ip.includes(":")) return ip.slice(0, ip.lastIndexOf("."));
  const [head = "", tail = ""] = ip.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === "" ? [] : tail.split(":");
  while (ip.includes("::") && groups.length + rest.length < 8) groups.push("0");
  return [...groups, ...rest].slice(0, 4).join(":");
}
