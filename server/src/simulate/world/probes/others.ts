import type { DependencyType } from "@mailtide/shared";
import { answered, luckyShare, noAnswer, type Found, type ProbeLook } from "./probe-parts.ts";

/** Everything that is asked and answers, but for SQL: resolver, directory, cache, filter, hop, disk, certificate. */
export function lookAtOther(look: ProbeLook): Found {
  const { dependency, condition, random } = look;
  const { type, usualSeconds } = dependency;
  const { state, slowdown } = condition;
  if (type === "certificate") return certificate(look);
  if (type === "disk") return disk(look);
  const isLucky = random.unit() < luckyShare;
  if (state === "refusing" || (state === "saturated" && !isLucky)) {
    return { ok: false, latencySeconds: random.lognormal(0.004, 0.4), error: refusals[type] ?? "connection refused" };
  }
  const factor = Number.isFinite(slowdown) ? slowdown : isLucky ? 30 : Infinity;
  const found = answered(random.lognormal(usualSeconds, spreads[type] ?? 0.5) * factor, connections(look));
  return found.ok || type !== "dns" ? found : { ...found, error: `MX ${asked}: no answer` };
}

const asked = "post.example";
const refusals: Partial<Record<DependencyType, string>> = {
  dns: `MX ${asked}: SERVFAIL`,
  http: "answers 503",
  smtp: "says 421 4.3.2 All server ports are busy",
  ldap: "bind refused (result 51): Server is busy",
};
/** Of the logarithm of the latency. */
const spreads: Partial<Record<DependencyType, number>> = { dns: 0.6, filter: 0.6, roundtrip: 0.35, redis: 0.3 };

function connections({ dependency, usage, random }: ProbeLook): object | undefined {
  if (dependency.type !== "redis") return undefined;
  const used = Math.round(dependency.connectionsMax * 0.15 + random.below(8) + usage.waiting(dependency.id));
  return {
    connectionsUsed: Math.min(dependency.connectionsMax, used),
    connectionsMax: dependency.connectionsMax,
  };
}

const daySeconds = 86_400;
/** Free space moves up and down by the day. */
const usualFree = 0.55;

function disk({ condition, random, nowMs }: ProbeLook): Found {
  const { state, slowdown } = condition;
  if (!Number.isFinite(slowdown)) return noAnswer();
  const isFull = state === "refusing" || state === "saturated";
  const freeShare = isFull ? 0.002 : usualFree + 0.02 * Math.sin((2 * Math.PI * nowMs) / (daySeconds * 1000));
  const busyShare = Math.min(1, random.lognormal(0.08, 0.4) * Math.sqrt(slowdown));
  const details = { freeShare: three(freeShare), freeInodesShare: 0.81, busyShare: three(busyShare) };
  const latencySeconds = random.lognormal(0.0004, 0.4) * slowdown;
  if (isFull) return { ok: false, latencySeconds, error: `${three(freeShare) * 100} % of the space is free`, details };
  return answered(latencySeconds, details);
}

const certificateDays = 61;

function certificate({ dependency, condition, event, random, nowMs }: ProbeLook): Found {
  const latencySeconds = random.lognormal(Math.max(dependency.usualSeconds, 0.02), 0.4);
  if (event?.state !== "refusing") {
    return Number.isFinite(condition.slowdown)
      ? answered(latencySeconds * condition.slowdown, { expiresInSeconds: certificateDays * daySeconds })
      : noAnswer();
  }
  const expiresInSeconds = Math.round((event.fromMs - nowMs) / 1000) - 1;
  const error = `the certificate ended on ${new Date(event.fromMs).toISOString().slice(0, 10)}`;
  return { ok: false, latencySeconds, error, details: { expiresInSeconds } };
}

const three = (share: number): number => Math.round(share * 1000) / 1000;
