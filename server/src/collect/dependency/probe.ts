import { collectorId, type DependencyId, type DependencyType, type EpochMs, type Seconds } from "@mailtide/shared";
import { z } from "zod";
import { duration } from "../../config/duration.ts";
import type { ProbeDetails, ProbeObservation } from "../../core/observation.ts";
import type { CollectorContext, PollCollector } from "../collector.ts";
import { backedOff } from "./back-off.ts";

/** What every probe's configuration has. */
export const probeOptions = {
  every: duration.default(10),
  deadline: duration.default(3),
  /** Whether the screen's data age waits for this probe. */
  required: z.boolean().default(true),
};

export interface ProbeSettings {
  readonly id: DependencyId;
  readonly type: DependencyType;
  readonly everySeconds: Seconds;
  readonly deadlineSeconds: Seconds;
  readonly required: boolean;
  /** Asked as often when it fails: what is asked does not suffer from it. */
  readonly steady?: boolean;
  /**
   * One try. Resolves with what was seen; rejects with an Error in words for whoever is on call. `signal` fires at the
   * deadline: everything that is open must be closed then, or the probe would add to what hangs.
   */
  attempt(signal: AbortSignal, nowMs: EpochMs): Promise<ProbeDetails | Measured | undefined>;
  /** Lets go of what is kept between two tries. */
  close?(): void;
}

/** What was seen by a try that measures something else than its own length. */
class Measured {
  readonly latencySeconds: Seconds;
  readonly details: ProbeDetails | undefined;
  constructor(latencySeconds: Seconds, details?: ProbeDetails) {
    this.latencySeconds = latencySeconds;
    this.details = details;
  }
}

/** A dependency that is tried every so often: a hung one is a result after the deadline, a failing one is backed off from. */
export function createProbe(settings: ProbeSettings): PollCollector {
  const { id, type, deadlineSeconds, required } = settings;
  let context: CollectorContext | null = null;
  const backOff = settings.steady === true ? null : backedOff(settings.everySeconds);

  return {
    kind: "poll",
    id: collectorId(`dependency ${id}`),
    node: null,
    required,
    get everySeconds() {
      return backOff?.everySeconds ?? settings.everySeconds;
    },
    // Room to say that the deadline has passed.
    deadlineSeconds: deadlineSeconds + 1,
    limitSeconds: Math.max(
      10,
      (backOff?.longestSeconds ?? settings.everySeconds) + 2 * settings.everySeconds + deadlineSeconds,
    ),
    start: (given) => {
      context = given;
      return Promise.resolve();
    },
    stop: () => {
      settings.close?.();
      return Promise.resolve();
    },
    async poll(signal) {
      const atMs = context?.now() ?? 0;
      const startedMs = performance.now();
      const result = await within(deadlineSeconds, signal, (own) => settings.attempt(own, atMs));
      backOff?.tried(result.ok);
      const observation: ProbeObservation = {
        kind: "probe",
        atMs: context?.now() ?? atMs,
        id,
        type,
        ok: result.ok,
        latencySeconds: result.latencySeconds ?? (performance.now() - startedMs) / 1000,
        ...(result.ok ? {} : { error: inWords(result.error, deadlineSeconds) }),
        ...(result.details === undefined ? {} : { details: result.details }),
      };
      return { observations: [observation] };
    },
  };
}

/** A failed try that still saw something. */
export class ProbeFailure extends Error {
  readonly details: ProbeDetails | undefined;
  readonly latencySeconds: Seconds | undefined;
  constructor(message: string, details?: ProbeDetails, options?: ErrorOptions & { latencySeconds?: Seconds }) {
    super(message, options);
    this.details = details;
    this.latencySeconds = options?.latencySeconds;
  }
}

interface Tried {
  readonly ok: boolean;
  readonly error?: unknown;
  readonly details?: ProbeDetails | undefined;
  readonly latencySeconds?: Seconds | undefined;
}

/** Aborts the try at the deadline and does not wait for one that ignores it. */
async function within(
  deadlineSeconds: Seconds,
  outer: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<ProbeDetails | Measured | undefined>,
): Promise<Tried> {
  const late = AbortSignal.timeout(Math.round(deadlineSeconds * 1000));
  const signal = AbortSignal.any([outer, late]);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new DeadlinePassed()), { once: true });
  });
  try {
    const found = await Promise.race([attempt(signal), aborted]);
    return found instanceof Measured
      ? { ok: true, details: found.details, latencySeconds: found.latencySeconds }
      : { ok: true, details: found };
  } catch (error) {
    // What a library says when its connection is cut at the deadline is beside the point.
    if (late.aborted) return { ok: false, error: new DeadlinePassed(), ...seenBy(error) };
    return { ok: false, error, ...seenBy(error) };
  }
}

class DeadlinePassed extends Error {}
const seenBy = (error: unknown): Pick<Tried, "details" | "latencySeconds"> =>
  error instanceof ProbeFailure ? { details: error.details, latencySeconds: error.latencySeconds } : {};

/** Why a try failed, for a screen: never an address with a password, never a stack. */
function inWords(error: unknown, deadlineSeconds: Seconds): string {
  if (error instanceof DeadlinePassed) return `no answer within ${deadlineSeconds} s`;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const known = typeof code === "string" ? codes[code] : undefined;
  const words = known ?? (typeof message === "string" && message !== "" ? message : String(error));
  return words.replace(/\s+/gu, " ").slice(0, longestError);
}

const longestError = 300;
const codes: Readonly<Record<string, string | undefined>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "connection timed out",
  EPIPE: "connection closed",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name cannot be looked up now",
};
