import type { EpochMs, Seconds } from "@mailtide/shared";

/**
 * The inputs of the origin day, Wednesday 11 May 2016 in South Africa: what the platform suffered, never what anybody
 * should conclude from it. Rates and capacity are multiples of the innocent rate at noon, so that a small day has the
 * shape of a large one. Delays are not stated anywhere: they come out of the queue.
 */
export const zone = "Africa/Johannesburg";
/** South Africa has no summer time. */
const offsetMs = 2 * 3_600_000;
const midnightMs = Date.UTC(2016, 4, 11) - offsetMs;

/** `HH:mm` of the day, up to `48:00`, as an instant. Throws on anything else. */
export function clock(text: string): EpochMs {
  const match = /^(\d\d):([0-5]\d)$/.exec(text);
  if (match === null || Number(match[1]) > 48) throw new Error(`"${text}" is not a time of day like 06:00`);
  return midnightMs + (Number(match[1]) * 60 + Number(match[2])) * 60_000;
}

/** A Date whose UTC fields read as local time. */
export const local = (atMs: EpochMs): Date => new Date(atMs + offsetMs);

/** Straight lines between the points, flat before the first and after the last. */
export function curve(points: readonly (readonly [at: string, value: number])[]): (atMs: EpochMs) => number {
  const known = points.map(([at, value]) => ({ atMs: clock(at), value }));
  return (atMs) => {
    let before = known[0];
    for (const point of known) {
      if (point.atMs > atMs) {
        if (before === undefined || before === point) return point.value;
        return before.value + ((point.value - before.value) * (atMs - before.atMs)) / (point.atMs - before.atMs);
      }
      before = point;
    }
    return before?.value ?? 0;
  };
}

/** Innocent mail, both directions. */
export const rhythm = curve([
  ["06:00", 0.3],
  ["07:30", 0.6],
  ["08:30", 0.95],
  ["10:00", 1],
  ["12:30", 1],
  ["13:15", 0.85],
  ["14:30", 0.95],
  ["16:00", 0.85],
  ["17:30", 0.5],
  ["19:00", 0.36],
  ["22:00", 0.28],
  ["24:30", 0.14],
]);
export const inboundShare = 0.65;

/** The flood: sender is recipient, every mail with a script inside. */
export const flood = curve([
  ["11:40", 0],
  ["11:42", 9.6],
  ["12:08", 9.6],
  ["12:18", 0.8],
  ["13:00", 0.5],
  ["15:40", 0],
]);
export const attackSources = 7200;
/** Share of the attacking addresses that the operators have refused by hand so far: more than 5,000 in the end. */
export const refusedByHand = curve([
  ["12:50", 0],
  ["14:40", 0.72],
]);

/** What a scan of an average mail costs without waiting for the database; the number of scanners follows from it. */
export const scanSeconds: Seconds = 2;
/** Messages that can be scanned, of the innocent rate at noon. */
export const scanCapacity = 1.33;
/** Part of a scan that is look-ups in the database. */
export const lookupShare = 0.02;

/** How many times its usual time the database takes for a look-up. */
export const databaseSlowdown = curve([
  ["12:24", 1],
  ["12:25", 700],
  ["14:50", 700],
  ["14:54", 1],
]);
/** Of the scans that began while look-ups stood still: those that gave up with a temporary error. */
export const lookupFailureShare = 0.1;

/** The code push drops a table behind a long transaction; readers pile up behind the drop until nothing answers. */
export const codePushMs = clock("12:24");
export const databaseHungMs = clock("12:31");
export const databaseBackMs = clock("14:50");
