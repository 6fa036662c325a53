import type { EpochMs, Seconds } from "@mailtide/shared";
import { z } from "zod";
import type { ProbeDetails } from "../../../core/observation.ts";

/** A probe mail that may be out. */
export interface ProbeMail {
  readonly id: string;
  /** SHA-256 of what it must bring back. */
  readonly digest: string;
  /** When the platform took it; until it has, when we began to hand it over. */
  readonly sentAtMs: EpochMs;
  /** The platform has answered 250. Until then it is not known to be out, and nothing is concluded from its absence. */
  readonly taken: boolean;
  /** The platform's id of it, where its answer named one. */
  readonly queueId?: string;
  /** We were not there to receive it from then on: after this its absence says nothing. */
  readonly watchedToMs?: EpochMs;
}

/** How the way through the platform stands. */
export interface Standing {
  readonly ok: boolean;
  readonly latencySeconds: Seconds;
  readonly error?: string;
  readonly details: ProbeDetails;
}

/** A probe mail is back. `seconds`: null when it was out while we were not there to receive it. */
export interface Return {
  readonly seconds: Seconds | null;
  /** A younger one was back before it. */
  readonly overtaken: boolean;
}

/** What is kept over a restart. JSON. */
export type Kept = z.infer<typeof keptSchema>;
export const keptSchema = z.object({
  atMs: z.number(),
  out: z
    .array(
      z.object({
        id: z.string(),
        digest: z.string().regex(/^[0-9a-f]{64}$/),
        sentAtMs: z.number(),
        taken: z.boolean(),
        queueId: z.string().exactOptional(),
        watchedToMs: z.number().exactOptional(),
      }),
    )
    .max(1_000),
});

export interface UnderWayOptions {
  /** A probe mail that takes longer is late. */
  readonly lateSeconds: Seconds;
  /** So many are followed at most. */
  readonly most: number;
}

/**
 * The probe mails that are out and what follows from them. The youngest that is back tells how the way is now; those
 * that were sent after it and are not back tell how long it takes at least; those that it overtook are stuck or lost, which
 * is said beside it but is not how the way is.
 */
export class UnderWay {
  readonly #options: UnderWayOptions;
  /** In the order in which they were sent. */
  #out: ProbeMail[];
  #backEarly = new Map<string, { readonly atMs: EpochMs; readonly misfiledIn: string | null }>();
  #latest: { readonly sentAtMs: EpochMs; readonly seconds: Seconds; readonly misfiledIn: string | null } | null = null;
  #refusal: { readonly atMs: EpochMs; readonly words: string; readonly seconds: Seconds } | null = null;
  #givenUp = 0;

  constructor(options: UnderWayOptions, kept?: Kept) {
    this.#options = options;
    this.#out = (kept?.out ?? []).slice(-options.most).map((mail) => ({
      ...mail,
      watchedToMs: mail.watchedToMs ?? Math.max(mail.sentAtMs, kept?.atMs ?? 0),
    }));
  }

  find(id: string): ProbeMail | undefined {
    return this.#out.find((mail) => mail.id === id);
  }

  /** The one that brought this digest. */
  findProven(digest: string): ProbeMail | undefined {
    return this.#out.find((mail) => mail.digest === digest);
  }

  begin(id: string, digest: string, atMs: EpochMs): void {
    const known = this.#out.length;
    this.#out = this.#out.filter((mail) => atMs - mail.sentAtMs < forgottenAfterMs || !this.#isOvertaken(mail));
    this.#givenUp += known - this.#out.length;
    if (this.#out.length >= this.#options.most) this.#forgetOne();
    this.#out.push({ id, digest, sentAtMs: atMs, taken: false });
  }

  /** The platform took it. Gives its return when it was back before the platform said so. */
  taken(id: string, atMs: EpochMs, queueId: string | null): Return | null {
    const at = this.#out.findIndex((mail) => mail.id === id);
    const mail = this.#out[at];
    if (mail === undefined) return null;
    this.#refusal = null;
    this.#out[at] = { ...mail, sentAtMs: atMs, taken: true, ...(queueId === null ? {} : { queueId }) };
    const early = this.#backEarly.get(id);
    return early === undefined ? null : this.cameBack(id, early.atMs, early.misfiledIn);
  }

  /** The platform did not take it. `unsure`: the answer to the whole message is missing, so that it may be out all the same. */
  refused(id: string, atMs: EpochMs, refusal: { words: string; seconds: Seconds; unsure: boolean }): void {
    this.#refusal = { atMs, words: refusal.words, seconds: refusal.seconds };
    if (!refusal.unsure) this.#out = this.#out.filter((mail) => mail.id !== id);
    this.#backEarly.delete(id);
  }

  /**
   * Null when it is not out, or when it must first be known when the platform took it. `misfiledIn`: the folder for what is
   * taken for spam, where it was found in that one.
   */
  cameBack(id: string, atMs: EpochMs, misfiledIn: string | null = null): Return | null {
    const mail = this.find(id);
    if (mail === undefined) return null;
    if (!mail.taken && mail.watchedToMs === undefined) {
      this.#backEarly.set(id, { atMs, misfiledIn });
      return null;
    }
    this.#backEarly.delete(id);
    this.#out = this.#out.filter((other) => other !== mail);
    const overtaken = this.#isOvertaken(mail);
    const seconds = this.#measured(mail, atMs);
    if (seconds !== null && !overtaken) this.#latest = { sentAtMs: mail.sentAtMs, seconds, misfiledIn };
    return { seconds, overtaken };
  }

  /** Null as long as nothing is known. */
  standing(nowMs: EpochMs): Standing | null {
    const { lateSeconds } = this.#options;
    const since = this.#latest?.sentAtMs ?? -Infinity;
    const waiting = this.#out.filter((mail) => mail.taken && mail.sentAtMs > since);
    const oldest = waiting.reduce<{ mail: ProbeMail; seconds: Seconds } | null>((most, mail) => {
      const seconds = Math.max(0, (mail.watchedToMs ?? nowMs) - mail.sentAtMs) / 1000;
      // Of one that was out while we were away only a wait that was too long already says anything.
      if (mail.watchedToMs !== undefined && seconds <= lateSeconds) return most;
      return seconds > (most?.seconds ?? -1) ? { mail, seconds } : most;
    }, null);
    // One that was out when we ended may have been back before it was durable that it was.
    const overtaken = this.#out.filter(
      (mail) =>
        mail.taken && this.#isOvertaken(mail) && (mail.watchedToMs ?? nowMs) - mail.sentAtMs > lateSeconds * 1000,
    );
    const details = {
      probesOut: this.#out.filter(({ taken }) => taken).length,
      ...(overtaken.length > 0 ? { probesOvertaken: overtaken.length } : {}),
      ...(this.#givenUp > 0 ? { probesGivenUp: this.#givenUp } : {}),
    };
    if (this.#refusal !== null) {
      const { words, seconds } = this.#refusal;
      return { ok: false, latencySeconds: seconds, error: words, details: { ...details, refused: true } };
    }
    const last = this.#latest?.seconds ?? null;
    const misfiled = this.#misfiled(details);
    if (oldest !== null && oldest.seconds > Math.max(last ?? 0, shownFromSeconds)) {
      const waits = { latencySeconds: oldest.seconds, details: { ...details, waitingSeconds: oldest.seconds } };
      if (oldest.seconds <= lateSeconds) return misfiled ?? { ok: true, ...waits };
      const named = oldest.mail.queueId === undefined ? "" : `; the platform took it as ${oldest.mail.queueId}`;
      return { ok: false, ...waits, error: `not back after ${inWords(oldest.seconds)}${named}` };
    }
    if (last === null) return null;
    if (misfiled !== null) return misfiled;
    if (last <= lateSeconds) return { ok: true, latencySeconds: last, details };
    return { ok: false, latencySeconds: last, error: `the last took ${inWords(last)}`, details };
  }

  /** ` as ID`, what the platform calls the one that was sent last; nothing where it did not say. */
  newestAs(): string {
    const id = this.#out.at(-1)?.queueId;
    return id === undefined ? "" : ` as ${id}`;
  }

  keep(nowMs: EpochMs): Kept {
    return { atMs: nowMs, out: this.#out };
  }

  /** It came, and whoever it was for will not see it. */
  #misfiled(details: ProbeDetails): Standing | null {
    const { seconds = 0, misfiledIn = null } = this.#latest ?? {};
    if (misfiledIn === null) return null;
    const error = `taken for spam: back after ${inWords(seconds)}, in the folder ${misfiledIn}`;
    return { ok: false, latencySeconds: seconds, error, details: { ...details, misfiled: true } };
  }

  #isOvertaken({ sentAtMs }: ProbeMail): boolean {
    return this.#latest !== null && sentAtMs <= this.#latest.sentAtMs;
  }

  /** Of one that was out while we were away, only what is certain: in time, or late even without that time. */
  #measured(mail: ProbeMail, atMs: EpochMs): Seconds | null {
    const seconds = Math.max(0, atMs - mail.sentAtMs) / 1000;
    if (mail.watchedToMs === undefined) return seconds;
    if (!mail.taken) return null;
    const atLeast = (mail.watchedToMs - mail.sentAtMs) / 1000;
    if (seconds <= this.#options.lateSeconds) return seconds;
    return atLeast > this.#options.lateSeconds ? atLeast : null;
  }

  /** Those that were overtaken go first, then the second oldest: the oldest tells how long it has lasted. */
  #forgetOne(): void {
    const overtaken = this.#out.findIndex((mail) => this.#isOvertaken(mail));
    this.#out.splice(overtaken >= 0 ? overtaken : 1, 1);
    this.#givenUp += 1;
  }
}

/** A shorter wait is not worth a line of its own: the way takes its time. */
const shownFromSeconds = 10;
/** A mail that others overtook a day ago is lost, or as good as. */
const forgottenAfterMs = 86_400_000;

/** `45 s`, `12 min`, `1 h 05 min`. */
export function inWords(seconds: Seconds): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
