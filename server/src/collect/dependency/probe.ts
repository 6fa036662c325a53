import { collectorId, type DependencyId, type DependencyType, type EpochMs, type Seconds } from "@mailtide/shared";
import { z } from "zod";
import { duration } from "../../config/duration.ts";
import { unreadable } from "../../config/unreadable.ts";
import type { ProbeDetails, ProbeObservation } from "../../core/observation.ts";
import { Patience } from "../../loop/patience.ts";
import type { CollectorContext, PollCollector } from "../collector.ts";
import { backedOff } from "./back-off.ts";
import { socketWords } from "./socket-words.ts";
import { tlsWords } from "./tls-words.ts";

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
  /** What is tried, such as host:port, and nothing that is secret; null where the words of a failure name it. */
  readonly at: string | null;
  /**
   * One try. Resolves with what was seen; rejects with an Error in words for whoever is on call. `signal` fires at the
   * deadline: everything that is open must be closed then, or the probe would add to what hangs. `doing` names what is
   * waited for next: it is said when the deadline passes.
   */
  attempt(signal: AbortSignal, nowMs: EpochMs, doing: (step: string) => void): Promise<ProbeDetails | undefined>;
  /** Lets go of what is kept between two tries. */
  close?(): void;
}

/** A dependency that is tried every so often: a hung one is a result after the deadline, a failing one is backed off from. */
export function createProbe(settings: ProbeSettings): PollCollector {
  const { id, type, deadlineSeconds, required, at } = settings;
  const named = at === null ? "" : `${at}: `;
  let context: CollectorContext | null = null;
  const backOff = backedOff(settings.everySeconds);

  return {
    kind: "poll",
    id: collectorId(`dependency ${id}`),
    node: null,
    required,
    get everySeconds() {
      return backOff.everySeconds;
    },
    // Room to say that the deadline has passed.
    deadlineSeconds: deadlineSeconds + 1,
    limitSeconds: Math.max(10, backOff.longestSeconds + 2 * settings.everySeconds + deadlineSeconds),
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
      let step: string | null = null;
      const doing = (next: string): void => void (step = next);
      const result = await within(deadlineSeconds, signal, (own) => settings.attempt(own, atMs, doing));
      backOff.tried(result.ok);
      const observation: ProbeObservation = {
        kind: "probe",
        atMs: context?.now() ?? atMs,
        id,
        type,
        ok: result.ok,
        latencySeconds: (performance.now() - startedMs) / 1000,
        ...(result.ok
          ? {}
          : { error: `${named}${inWords(result.error, deadlineSeconds, step)}`.slice(0, longestError) }),
        ...(result.details === undefined ? {} : { details: result.details }),
      };
      return { observations: [observation] };
    },
  };
}

/** A failed try that still saw something. */
export class ProbeFailure extends Error {
  readonly details: ProbeDetails | undefined;
  constructor(message: string, details?: ProbeDetails, options?: ErrorOptions) {
    super(message, options);
    this.details = details;
  }
}

interface Tried {
  readonly ok: boolean;
  readonly error?: unknown;
  readonly details?: ProbeDetails | undefined;
}

/** Aborts the try at the deadline and does not wait for one that ignores it. */
async function within(
  deadlineSeconds: Seconds,
  outer: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<ProbeDetails | undefined>,
): Promise<Tried> {
  const patience = new Patience(deadlineSeconds * 1000, outer);
  try {
    const details = await patience.before(attempt(patience.signal), () => new DeadlinePassed());
    return { ok: true, details };
  } catch (error) {
    // What a library says when its connection is cut at the deadline is beside the point.
    if (patience.isOver) return { ok: false, error: new DeadlinePassed(), details: detailsOf(error) };
    return { ok: false, error, details: detailsOf(error) };
  } finally {
    patience.end();
  }
}

class DeadlinePassed extends Error {}
const detailsOf = (error: unknown) => (error instanceof ProbeFailure ? error.details : undefined);

/** Why a try failed, for a screen: never an address with a password, never a stack. */
function inWords(error: unknown, deadlineSeconds: Seconds, step: string | null): string {
  if (error instanceof DeadlinePassed)
    return `no answer within ${deadlineSeconds} s${step === null ? "" : ` (${step})`}`;
  const { code, message, syscall, path } = error as Partial<Record<"code" | "message" | "syscall" | "path", unknown>>;
  // In the middle of a conversation: how far it had come says half of it.
  if (code === "ECONNRESET" && step !== null) return `${endingWords(message)} during ${step}`;
  // A file that is read besides is named; a folder or a local socket is what is tried.
  if (syscall === "open" && typeof path === "string") return `${path} ${unreadable(error as NodeJS.ErrnoException)}`;
  const known = typeof code === "string" ? (socketWords[code] ?? pathWords[code] ?? tlsWords(error)) : undefined;
  const words = known ?? (typeof message === "string" && message !== "" ? message : String(error));
  return words.replace(/\s+/gu, " ");
}

const pathWords: Readonly<Record<string, string | undefined>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "this user may not",
};

/** Node has one code for a connection that was reset and for one that was closed too early. */
const endingWords = (message: unknown): string =>
  typeof message === "string" && /^(?:read|write) /u.test(message) ? "connection reset" : "the server hung up";

const longestError = 300;
