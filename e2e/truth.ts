import { readFileSync } from "node:fs";

/** A message to one recipient, as the log and the queue tell it, with nothing of Mailtide's own code. */
export interface TruthUnit {
  readonly queueId: string;
  readonly acceptedMs: number;
  readonly recipient: string | null;
  readonly leftMs: number | null;
}

/** Reads a Postfix log that holds single-recipient mail. Year and zone are those of the machine that wrote it: UTC, this year. */
export function unitsOf(logPath: string, year: number): Map<string, TruthUnit> {
  const units = new Map<string, TruthUnit>();
  for (const line of readFileSync(logPath, "utf8").split("\n")) {
    const header = /^(\w{3}) +(\d+) (\d\d):(\d\d):(\d\d)(?:\.\d+)? \S+ \S+\[\d+\]: (\w+): (.*)$/.exec(line);
    if (header === null) continue;
    const [, month = "", day = "", hour = "", minute = "", second = "", queueId = "", text = ""] = header;
    const atMs = Date.UTC(
      year,
      "JanFebMarAprMayJunJulAugSepOctNovDec".indexOf(month) / 3,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    if (text.startsWith("client=")) {
      units.set(queueId, { queueId, acceptedMs: atMs, recipient: null, leftMs: null });
      continue;
    }
    const unit = units.get(queueId);
    const delivery = /^to=<([^>]*)>.* status=(\w+)/.exec(text);
    if (unit === undefined || delivery === null) continue;
    units.set(queueId, { ...unit, recipient: delivery[1] ?? null, leftMs: delivery[2] === "sent" ? atMs : null });
  }
  return units;
}

/** Mail is judged with that which was accepted in the same so many minutes. */
export const cohortMs = 300_000;

/**
 * The headline by its definition, the slow and direct way: five-minute cohorts by acceptance; the largest wait d that at
 * least three of a live cohort have and that one in twenty has for sure (Wilson lower bound, z = 3.09), where at least three
 * of the units that wait now or ended in the last five minutes have it too. `waitsOnUs` tells whose wait a unit's is.
 */
export function headlineOf(units: Iterable<TruthUnit>, nowMs: number, waitsOnUs: (unit: TruthUnit) => boolean): number {
  const cohorts = new Map<number, TruthUnit[]>();
  for (const unit of units) {
    const bin = Math.floor(unit.acceptedMs / cohortMs);
    cohorts.set(bin, [...(cohorts.get(bin) ?? []), unit]);
  }
  let headline = 0;
  for (const cohort of cohorts.values()) {
    const waitOf = (unit: TruthUnit): number =>
      waitsOnUs(unit) ? ((unit.leftMs ?? nowMs) - unit.acceptedMs) / 1000 : 0;
    const waits = cohort.map(waitOf).sort((a, b) => b - a);
    const alive = cohort
      .filter((unit) => waitsOnUs(unit) && (unit.leftMs === null || unit.leftMs > nowMs - cohortMs))
      .map(waitOf)
      .sort((a, b) => b - a);
    for (const [index, wait] of waits.entries()) {
      const third = alive[2];
      if (third === undefined || wait <= headline || wait > third) continue;
      // The first wait in falling order that enough units have is the largest d of this cohort.
      if (index + 1 >= 3 && wilsonLow(index + 1, cohort.length) >= 0.05) {
        headline = wait;
        break;
      }
    }
    const third = alive[2];
    // d may also lie between two waits: the third live one, when more than enough have waited longer.
    if (third !== undefined && third > headline) {
      const longer = waits.filter((wait) => wait >= third).length;
      if (longer >= 3 && wilsonLow(longer, cohort.length) >= 0.05) headline = third;
    }
  }
  return headline;
}

/** Wilson score interval (1927), lower end. */
function wilsonLow(hits: number, of: number, z = 3.09): number {
  const share = hits / of;
  const centre = share + (z * z) / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return (centre - spread) / (1 + (z * z) / of);
}
