import type { Direction } from "@mailtide/shared";

/** What becomes of one message with one recipient, planned in seconds. */
export interface Plan {
  readonly acceptedAt: number;
  readonly direction: Direction;
  /** Ascending; only the last may be sent or bounced. */
  readonly attempts: readonly { readonly at: number; readonly end: "own" | "remote" | "sent" | "bounced" }[];
}

export interface OracleRules {
  readonly minimal: number;
  readonly maximal: number;
  readonly queueRun: number;
  readonly target: number;
}

export interface OracleNumbers {
  readonly headline: number | null;
  readonly lateShare: number | null;
  readonly typical: number | null;
  readonly waiting: number;
  readonly left: number;
  readonly blocked: number;
}

/** A unit as of an instant, by walking through its plan. */
interface Standing {
  readonly acceptedAt: number;
  readonly wait: number;
  readonly liveWait: number;
  readonly state: "own" | "paused" | "left" | "blocked";
  /** When its last own wait ended. */
  readonly endedAt: number | null;
}

/** The definitions, computed slowly and directly from the plans: what the model is compared with. */
export function oracle(plans: readonly Plan[], rules: OracleRules, now: number, of?: Direction): OracleNumbers {
  const all = plans
    .filter((plan) => plan.acceptedAt <= now && (of === undefined || plan.direction === of))
    .map((plan) => stand(plan, rules, now));
  const units = all.filter(({ state }) => state !== "blocked");
  const hour = units.filter(({ acceptedAt }) => inLast(acceptedAt, now, 3_600));
  const quarter = units.filter(({ acceptedAt }) => inLast(acceptedAt, now, 900));
  const found = headline(units, now);
  return {
    headline: found ?? (quarter.length >= 10 ? 0 : null),
    lateShare: hour.length > 0 ? hour.filter(({ wait }) => wait > rules.target).length / hour.length : null,
    typical: medianWait(quarter),
    waiting: units.filter(({ state }) => state !== "left").length,
    left: units.filter(({ state }) => state === "left").length,
    blocked: all.length - units.length,
  };
}

/** Windows are exact to ten seconds of acceptance. */
function inLast(acceptedAt: number, now: number, seconds: number): boolean {
  return Math.floor(acceptedAt / 10) >= Math.floor((now - seconds) / 10);
}

function stand(plan: Plan, rules: OracleRules, now: number): Standing {
  let own = 0;
  let restart = 0;
  let since = plan.acceptedAt;
  let pausedSince: number | null = null;
  let resumeAt = 0;
  let endedAt: number | null = null;
  const standing = (state: Standing["state"], wait: number): Standing => ({
    acceptedAt: plan.acceptedAt,
    wait,
    liveWait: wait - restart,
    state,
    endedAt: state === "own" ? null : endedAt,
  });
  const resume = (at: number) => {
    if (pausedSince === null) return;
    if (at - pausedSince > rules.target) restart = own;
    since = at;
    pausedSince = null;
  };
  for (const { at, end } of plan.attempts.filter((attempt) => attempt.at <= now)) {
    if (pausedSince !== null && (end !== "remote" || resumeAt <= at)) resume(Math.min(resumeAt, at));
    if (end === "own") continue;
    if (end === "remote") {
      if (pausedSince === null) {
        own += at - since;
        pausedSince = at;
        endedAt = at;
      }
      resumeAt = at + Math.min(Math.max(at - plan.acceptedAt, rules.minimal), rules.maximal) + rules.queueRun;
      continue;
    }
    own += at - since;
    endedAt = at;
    return standing(end === "bounced" && own <= rules.target ? "blocked" : "left", own);
  }
  if (pausedSince !== null && resumeAt <= now) resume(resumeAt);
  return pausedSince === null ? standing("own", own + now - since) : standing("paused", own);
}

function headline(units: readonly Standing[], now: number): number | null {
  const cohorts = new Map<number, Standing[]>();
  for (const unit of units) {
    const key = Math.floor(unit.acceptedAt / 300);
    cohorts.set(key, [...(cohorts.get(key) ?? []), unit]);
  }
  let best: number | null = null;
  for (const cohort of cohorts.values()) {
    const live = cohort.filter(({ state, endedAt }) => state === "own" || (endedAt !== null && endedAt > now - 300));
    for (const d of new Set(cohort.flatMap(({ wait, liveWait }) => [wait, liveWait]))) {
      const k = cohort.filter((unit) => unit.wait >= d).length;
      const lasting = live.filter((unit) => unit.liveWait >= d).length;
      if (k >= 3 && lasting >= 3 && wilsonLower(k, cohort.length) >= 0.05 && (best === null || d > best)) best = d;
    }
  }
  return best;
}

/** As in the textbook, not solved for k as the model has it. */
function wilsonLower(k: number, n: number): number {
  const z = 3.09;
  const p = k / n;
  const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return (p + (z * z) / (2 * n) - spread) / (1 + (z * z) / n);
}

function medianWait(units: readonly Standing[]): number | null {
  let surviving = 1;
  const ends = [...new Set(units.filter(({ state }) => state === "left").map(({ wait }) => wait))].sort(
    (a, b) => a - b,
  );
  for (const wait of ends) {
    const risk = units.filter((unit) => unit.wait >= wait).length;
    const gone = units.filter((unit) => unit.state === "left" && unit.wait === wait).length;
    surviving *= 1 - gone / risk;
    if (surviving <= 0.5 + 1e-9) return wait;
  }
  return null;
}
