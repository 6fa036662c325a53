import type { EpochMs, PerSecond, Share } from "@mailtide/shared";

/** How one reader sees numbers and instants: a locale and a zone, both known by name. */
export interface Formats {
  readonly timeZone: string;
  /** 15:03 */
  readonly time: (atMs: EpochMs) => string;
  /** 15:03:08 */
  readonly clock: (atMs: EpochMs) => string;
  /** Wed 11 May */
  readonly date: (atMs: EpochMs) => string;
  /** 15:03 on the same day, else Tue 10 May 23:40 */
  readonly timeNear: (atMs: EpochMs, nowMs: EpochMs) => string;
  /** SAST, or GMT+2 where the zone has no short name */
  readonly zoneName: (atMs: EpochMs) => string;
  /** Grouped as the locale does; at most `digits` decimals, default 0 */
  readonly number: (value: number, digits?: number) => string;
  /** 38 % */
  readonly percent: (share: Share) => string;
  /** 51/s, 0.4/s */
  readonly rate: (perSecond: PerSecond) => string;
}

/** A locale or zone that this browser does not know falls back to British English and UTC instead of failing. */
export function createFormats(wantedLocale: string, wantedZone: string): Formats {
  const locale = knownLocale(wantedLocale);
  const timeZone = isKnownZone(wantedZone) ? wantedZone : "UTC";
  const part = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const time = part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const clock = part({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  // Dates stand inside English sentences.
  const date = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", day: "numeric", month: "short" });
  const day = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const numbers = [0, 1, 2].map((digits) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }));
  const number = (value: number, digits = 0) => (numbers[digits] ?? numbers[2])?.format(value) ?? String(value);
  return {
    timeZone,
    time: (atMs) => time.format(atMs),
    clock: (atMs) => clock.format(atMs),
    date: (atMs) => date.format(atMs).replace(",", ""),
    timeNear: (atMs, nowMs) =>
      day.format(atMs) === day.format(nowMs)
        ? time.format(atMs)
        : `${date.format(atMs).replace(",", "")} ${time.format(atMs)}`,
    zoneName: (atMs) => zoneName(locale, timeZone, atMs),
    number,
    percent: (share) => percent(share, number),
    rate: (perSecond) =>
      perSecond > 0 && perSecond < 0.05 ? "< 0.1/s" : `${number(perSecond, perSecond < 10 ? 1 : 0)}/s`,
  };
}

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Something is never rounded to nothing, nor nearly all to all. */
function percent(share: Share, number: (value: number) => string): string {
  const value = share * 100;
  if (value > 0 && value < 1) return "< 1\u202f%";
  if (value > 99 && value < 100) return "> 99\u202f%";
  return `${number(Math.round(value))}\u202f%`;
}

/** Only some English locales know a given zone by its letters (CEST in Britain, SAST in South Africa). */
function zoneName(locale: string, timeZone: string, atMs: EpochMs): string {
  for (const tried of [locale, "en-GB", "en-US", "en-ZA", "en-AU", "en-IN"]) {
    const name = zonePart(tried, timeZone, atMs);
    if (name !== "" && !/[+−-]/.test(name)) return name;
  }
  return zonePart("en-GB", timeZone, atMs) || timeZone;
}

function zonePart(locale: string, timeZone: string, atMs: EpochMs): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: "short" }).formatToParts(atMs);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

function knownLocale(wanted: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf([wanted])[0] ?? "en-GB";
  } catch {
    return "en-GB";
  }
}

function isKnownZone(wanted: string): boolean {
  try {
    return wanted !== "" && new Intl.DateTimeFormat("en-GB", { timeZone: wanted }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
