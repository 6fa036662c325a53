import type { EpochMs, Seconds } from "@mailtide/shared";

/** When a queue manager tries again what could not be delivered. */
export interface Backoff {
  readonly minimalSeconds: Seconds;
  readonly maximalSeconds: Seconds;
  /** How late the next try may come without anything being wrong: the queue is looked through this often. */
  readonly queueRunDelaySeconds: Seconds;
  /** Default `age`. */
  readonly growth?: BackoffGrowth | undefined;
  /**
   * False: the schedule is only what is usual, each message may have another. What the far side put off is then remote
   * until the next try, however late that comes. Default true.
   */
  readonly isExact?: boolean | undefined;
}

/**
 * How the time to the next try grows with the age of the message.
 * - `age`: as long as it is old (Postfix qmgr(8)).
 * - `doubling`: twice the last (KumoMTA `retry_interval`, Haraka `temp_fail_intervals`).
 * - `squares`: tries at `minimal` times 1, 4, 9, 16… after arrival (OpenSMTPD's scheduler).
 * - `stages`: `minimal`, from 8 times that 4 times as long and half as much again at each try, from 64 times `maximal`
 *   (Exim's default rule `F,2h,15m; G,16h,1h,1.5; F,4d,6h`).
 */
export const backoffGrowths = ["age", "doubling", "squares", "stages"] as const;
export type BackoffGrowth = (typeof backoffGrowths)[number];

/** Seconds from a failed try to the next, of a message of this age. */
export function nextTrySeconds(backoff: Backoff, ageSeconds: Seconds): Seconds {
  const { minimalSeconds: least, maximalSeconds: most, growth = "age" } = backoff;
  if (least <= 0 && growth !== "age") return most;
  return Math.min(Math.max(grown[growth](Math.max(0, ageSeconds), least, most), least), most);
}

const grown: Readonly<Record<BackoffGrowth, (age: Seconds, least: Seconds, most: Seconds) => Seconds>> = {
  age: (age) => age,
  // The tries before took least (2^n - 1) in all, and the next waits least 2^n.
  doubling: (age, least) => age + least,
  squares: (age, least) => least * (Math.floor(Math.sqrt(age / least)) + 1) ** 2 - age,
  stages: (age, least, most) => {
    if (age < 8 * least) return least;
    return age < 64 * least ? 4 * least + (age - 8 * least) / 2 : most;
  },
};

const minute = 60;
const hour = 3_600;

/** The instant from which a wait that is not ours becomes ours, after a failed try. */
export function oursAgainMs(backoff: Backoff, dueMs: EpochMs): EpochMs {
  return backoff.isExact === false ? Number.MAX_SAFE_INTEGER : dueMs + backoff.queueRunDelaySeconds * 1_000;
}

/**
 * What each MTA does as it is shipped; Exim's and Sendmail's queue runs as Debian sets them. Postfix, OpenSMTPD and Haraka
 * compute the next try from the message alone; Exim has rules for each host, Sendmail runs its queue when it is told to,
 * KumoMTA has a schedule for each queue.
 */
export const shippedBackoff = {
  postfix: { minimalSeconds: 300, maximalSeconds: 4_000, queueRunDelaySeconds: 300 },
  exim: {
    minimalSeconds: 15 * minute,
    maximalSeconds: 6 * hour,
    queueRunDelaySeconds: 30 * minute,
    growth: "stages",
    isExact: false,
  },
  opensmtpd: { minimalSeconds: 400, maximalSeconds: 4 * 24 * hour, queueRunDelaySeconds: minute, growth: "squares" },
  // Every run of the queue tries all.
  sendmail: {
    minimalSeconds: 10 * minute,
    maximalSeconds: 10 * minute,
    queueRunDelaySeconds: 10 * minute,
    isExact: false,
  },
  haraka: { minimalSeconds: 64, maximalSeconds: 131_072, queueRunDelaySeconds: minute, growth: "doubling" },
  kumomta: {
    minimalSeconds: 20 * minute,
    maximalSeconds: 7 * 24 * hour,
    queueRunDelaySeconds: 5 * minute,
    growth: "doubling",
    isExact: false,
  },
} as const satisfies Readonly<Record<string, Backoff>>;

/** Postfix' where the MTA is not known. */
export function backoffOf(mta: string | null): Backoff {
  return mta !== null && Object.hasOwn(shippedBackoff, mta)
    ? shippedBackoff[mta as keyof typeof shippedBackoff]
    : shippedBackoff.postfix;
}
