import type { EpochMs } from "@mailtide/shared";
import { IANAZone } from "luxon";
import type { Scenario } from "./schema.ts";

/** The clock on the scenario's wall, and how busy an ordinary hour is. */
export interface Calendar {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  /** `2016-05-11T11:40` on the scenario's clock. An hour that summer time skips is read as the one after it, a doubled one as its first. */
  instant(local: string): EpochMs;
  /** Innocent mail at an instant, as a multiple of `rate`: the curve of the day, the week, holidays and the drift. */
  rhythm(atMs: EpochMs): number;
  /** The newsletter of the first of the month, on top, as a multiple of `rate`. */
  newsletter(atMs: EpochMs): number;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
/** A newsletter goes out at ten and is through after half an hour. */
const newsletterFrom = 10 * 60;
const newsletterMinutes = 30;

export function createCalendar(scenario: Pick<Scenario, "timezone" | "from" | "to" | "arrivals">): Calendar {
  const zone = zoneOf(scenario.timezone);
  const { rhythm, week, holidays, driftPerDay, newsletterSeconds } = scenario.arrivals;
  const dayCurve = curve(rhythm.map(([at, value]) => [minuteOfDay(at), value]));
  const holidayDates = new Set(holidays);
  const fromMs = instantIn(zone, scenario.from);

  // The rhythm is asked for at every arrival and moves slowly: one look at the calendar a minute is enough.
  let known = { minute: NaN, rhythm: 0, newsletter: 0 };
  const at = (atMs: EpochMs) => {
    const minute = Math.floor(atMs / minuteMs);
    if (known.minute !== minute) {
      const local = new Date(atMs + zone.offset(atMs) * minuteMs);
      const ofDay = local.getUTCHours() * 60 + local.getUTCMinutes();
      const holiday = holidayDates.has(local.toISOString().slice(0, 10));
      const day = holiday ? "sun" : (days[(local.getUTCDay() + 6) % 7] ?? "mon");
      const drift = Math.max(0, 1 + driftPerDay * Math.floor((atMs - fromMs) / dayMs));
      const mailing = local.getUTCDate() === 1 && ofDay >= newsletterFrom && ofDay < newsletterFrom + newsletterMinutes;
      known = {
        minute,
        rhythm: dayCurve(ofDay) * (week[day] ?? 1) * drift,
        newsletter: mailing ? (newsletterSeconds / (newsletterMinutes * 60)) * drift : 0,
      };
    }
    return known;
  };

  return {
    fromMs,
    toMs: instantIn(zone, scenario.to),
    instant: (local) => instantIn(zone, local),
    rhythm: (atMs) => at(atMs).rhythm,
    newsletter: (atMs) => at(atMs).newsletter,
  };
}

/** Straight lines between points, flat before the first and after the last. */
export function curve(points: readonly (readonly [x: number, y: number])[]): (x: number) => number {
  return (x) => {
    let before = points[0];
    for (const point of points) {
      if (point[0] > x) {
        if (before === undefined || before === point) return point[1];
        return before[1] + ((point[1] - before[1]) * (x - before[0])) / (point[0] - before[0]);
      }
      before = point;
    }
    return before?.[1] ?? 0;
  };
}

/** `06:30` as minutes since midnight. */
function minuteOfDay(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

/** Not by the library's own reading: that one depends on the day on which it is asked. */
function instantIn(zone: IANAZone, local: string): EpochMs {
  const localMs = Date.parse(`${local}Z`);
  if (Number.isNaN(localMs)) throw new Error(`"${local}" is not a date and time`);
  const before = localMs - zone.offset(localMs - dayMs) * minuteMs;
  const after = localMs - zone.offset(localMs + dayMs) * minuteMs;
  const holds = (atMs: EpochMs) => atMs + zone.offset(atMs) * minuteMs === localMs;
  return holds(before) || !holds(after) ? before : after;
}

function zoneOf(name: string): IANAZone {
  const zone = IANAZone.create(name);
  if (!zone.isValid) throw new Error(`"${name}" is not an IANA time zone`);
  return zone;
}
