import type { EpochMs } from "@mailtide/shared";
import type { QueueFile } from "./message.ts";

/** Messages of one queue by age, as a listing states them. */
export interface AgeShare {
  count: number;
  bytes: number;
  oldestMs: EpochMs;
  readonly ages: number[];
}
export const emptyShare = (): AgeShare => ({
  count: 0,
  bytes: 0,
  oldestMs: Infinity,
  ages: Array.from({ length: 10 }, () => 0),
});

/**
 * The incoming or the active queue; either can hold the mail of hours. It is counted by the minute of arrival as it comes
 * and goes, because looking at every file once a minute took longer than the rest of the day.
 */
export interface FlowQueue {
  readonly count: number;
  add(file: QueueFile): void;
  remove(file: QueueFile): void;
  /** At a whole minute. */
  share(atMs: EpochMs): AgeShare;
}

export function createFlowQueue(): FlowQueue {
  /** In order of arrival; what came back from the deferred queue is not, and is kept apart. */
  const fresh = new Set<QueueFile>();
  const returned = new Set<QueueFile>();
  const byMinute = new Map<number, number>();
  let bytes = 0;
  const count = (file: QueueFile, step: number) => {
    bytes += step * file.sizeBytes;
    const minute = Math.floor(file.arrivalMs / 60_000);
    const next = (byMinute.get(minute) ?? 0) + step;
    if (next === 0) byMinute.delete(minute);
    else byMinute.set(minute, next);
  };
  return {
    get count() {
      return fresh.size + returned.size;
    },
    add(file) {
      (file.deferral === null ? fresh : returned).add(file);
      count(file, 1);
    },
    remove(file) {
      if (!fresh.delete(file) && !returned.delete(file)) throw new Error(`${file.queueId} is not in this queue`);
      count(file, -1);
    },
    share(atMs) {
      const share = emptyShare();
      share.count = fresh.size + returned.size;
      share.bytes = bytes;
      for (const file of fresh) {
        share.oldestMs = file.arrivalMs;
        break;
      }
      for (const file of returned) share.oldestMs = Math.min(share.oldestMs, file.arrivalMs);
      // At a whole minute all arrivals of one minute are of the same age class, because the edges are whole minutes.
      for (const [minute, messages] of byMinute) {
        const place = ageClass(atMs / 60_000 - minute);
        share.ages[place] = (share.ages[place] ?? 0) + messages;
      }
      return share;
    },
  };
}

export function include(share: AgeShare, file: QueueFile, atMs: EpochMs): void {
  share.count++;
  share.bytes += file.sizeBytes;
  share.oldestMs = Math.min(share.oldestMs, file.arrivalMs);
  const place = ageClass((atMs - file.arrivalMs) / 60_000);
  share.ages[place] = (share.ages[place] ?? 0) + 1;
}

/** qshape's upper edges. */
const edgesMinutes = [5, 10, 20, 40, 80, 160, 320, 640, 1280];
function ageClass(ageMinutes: number): number {
  let place = 0;
  while (ageMinutes > (edgesMinutes[place] ?? Infinity)) place++;
  return place;
}
