import type { EpochMs, Millis } from "@mailtide/shared";
import type { TruthRow, TruthSummary } from "../simulate-contract.ts";
import { createHindsight } from "./hindsight.ts";
import { createSenders, type Senders } from "./senders.ts";
import { createSources, type Sources } from "./sources.ts";
import { createUnitBook, targetMs, type Units } from "./units.ts";

/**
 * What the delay really was, by the product's definitions, from what is known of every message; nothing here is shared
 * with the product's estimators.
 */
export interface Truth {
  readonly units: Units;
  readonly senders: Senders;
  readonly sources: Sources;
  /** At the end of every minute, in order. */
  minute(nowMs: EpochMs): void;
  /** The day is over. Rows are complete only then. */
  end(): readonly TruthRow[];
}

export interface TruthParts {
  readonly runDelayMs: Millis;
  readonly firstEventMs: EpochMs;
}

type Draft = { -readonly [Key in keyof TruthRow]: TruthRow[Key] };

export function createTruth({ runDelayMs, firstEventMs }: TruthParts): Truth {
  const units = createUnitBook(runDelayMs);
  const senders = createSenders();
  const hindsight = createHindsight();
  const rows: Draft[] = [];
  return {
    units,
    senders,
    sources: createSources(firstEventMs),
    minute(nowMs) {
      const headlineMs = units.headlineMs(nowMs);
      const stuck = units.stuck(nowMs, headlineMs);
      const share = units.lateShare(nowMs);
      const remote = units.remoteCount(nowMs);
      const row: Draft = {
        at: new Date(nowMs).toISOString(),
        headlineSeconds: seconds(headlineMs),
        lateShare: share === null ? null : Math.round(share * 10_000) / 10_000,
        typicalSeconds: null,
        stuck: { count: stuck.count, oldestSeconds: stuck.oldestMs === null ? null : seconds(stuck.oldestMs) },
        expectedWaitSeconds: null,
        waitingAtSendersSeconds: seconds(senders.headlineMs(nowMs)),
        waiting: units.waiting - remote,
        remote,
        accepted: units.accepted,
      };
      rows.push(row);
      hindsight.minuteEnded(nowMs, units.minutes.at(-1), ({ typicalMs, expectedMs }) => {
        row.typicalSeconds = typicalMs === null ? null : seconds(typicalMs);
        row.expectedWaitSeconds = expectedMs === null ? null : seconds(expectedMs);
      });
      units.forget(nowMs);
    },
    end() {
      hindsight.end();
      return rows;
    },
  };
}

/** The largest headline, and from when on it stayed under the target for a quarter of an hour after it. */
export function peakOf(rows: readonly TruthRow[]): Pick<TruthSummary, "peak" | "recoveredAt"> {
  let peak: TruthRow | null = null;
  for (const row of rows) if (row.headlineSeconds > (peak?.headlineSeconds ?? 0)) peak = row;
  if (peak === null) return { peak: null, recoveredAt: null };
  const { at, headlineSeconds } = peak;
  const after = rows.slice(rows.indexOf(peak));
  const calm = after.find((row, place) => {
    const quarter = after.slice(place, place + calmMinutes);
    return isCalm(row) && quarter.length === calmMinutes && quarter.every(isCalm);
  });
  const wasLate = headlineSeconds * 1000 >= targetMs;
  return { peak: { at, headlineSeconds }, recoveredAt: wasLate ? (calm?.at ?? null) : null };
}
const calmMinutes = 15;
const isCalm = (row: TruthRow) => row.headlineSeconds < targetMs / 1000;

const seconds = (ms: Millis) => Math.round(ms / 100) / 10;
