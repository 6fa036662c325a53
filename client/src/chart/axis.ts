import type { EpochMs, Seconds } from "@mailtide/shared";

export interface DelayAxis {
  readonly topSeconds: Seconds;
  readonly ticks: readonly Seconds[];
  readonly label: (seconds: Seconds) => string;
}

const minute = 60;
const hour = 3600;
const delaySteps = [
  1,
  2,
  5,
  10,
  15,
  30,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
  48 * hour,
  168 * hour,
] as const;
const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * 60_000);

/** Ticks for a delay that reaches `maxSeconds`: hours, minutes or seconds, whichever says it without a fraction. */
export function delayAxis(maxSeconds: Seconds, wantedTicks = 4): DelayAxis {
  const reach = Math.max(maxSeconds * 1.08, 10);
  const step = delaySteps.find((candidate) => reach / candidate <= wantedTicks) ?? 168 * hour;
  const count = Math.ceil(reach / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step);
  const [unit, word] =
    step % hour === 0 ? [hour, "h"] : step % minute === 0 || reach > 5 * minute ? [minute, "min"] : [1, "s"];
  return { topSeconds: count * step, ticks, label: (seconds) => `${seconds / unit}\u00a0${word}` };
}

/**
 * Round times of the reader's zone within a range. `offsetMs` is the zone's offset from UTC, so that ticks stand on
 * 06:00 and not on 05:30 in zones with a half hour.
 */
export function timeTicks(fromMs: EpochMs, toMs: EpochMs, wanted: number, offsetMs: number): readonly EpochMs[] {
  const span = toMs - fromMs;
  if (!(span > 0)) return [];
  const stepMs =
    timeSteps.find((candidate) => span / candidate <= wanted) ??
    24 * hour * 1000 * Math.ceil(span / (wanted * 24 * hour * 1000));
  const first = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs - offsetMs;
  const ticks: EpochMs[] = [];
  for (let atMs = first; atMs <= toMs; atMs += stepMs) ticks.push(atMs);
  return ticks;
}

/** The zone's offset from UTC at an instant, in ms; east is positive. */
export function zoneOffsetMs(timeZone: string, atMs: EpochMs): number {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" }).formatToParts(atMs);
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(parts.find(({ type }) => type === "timeZoneName")?.value ?? "");
  if (match === null) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === "-" ? -1 : 1) * (Number(hours) * hour + Number(minutes) * minute) * 1000;
}
