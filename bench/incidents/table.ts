import type { Share } from "@mailtide/shared";
import { expectations } from "./expectations.ts";
import type { DaySummary, RecoverySummary, SaidSummary } from "./summary.ts";
import { counted, countedMinutes, duration, percent } from "./words.ts";

/** The result as Markdown. No cell is empty: what was missed is called missed, what was not given none. */
export function tablesOf(days: readonly DaySummary[]): string[] {
  return [
    ...table(
      [
        "day",
        "runs",
        "must be said",
        "detected",
        "in time",
        "seconds to detect",
        "severity",
        "ranked first",
        "change",
        "hosts",
      ],
      days.flatMap((day) => day.says.map((said) => saidRow(day, said))),
    ),
    "",
    ...table(
      ["day", "headline error, median", "p90", "late minutes without a number", "stated hours met", "peak and end"],
      days.filter((day) => isJudged(day)).map(delayRow),
    ),
    "",
    ...table(
      [
        "day",
        "forecast given",
        "good enough",
        "error after 1 h",
        "2 h",
        "4 h",
        "80 % interval holds",
        "its width at 2 h",
      ],
      days.filter(({ scenario }) => expectations[scenario]?.recovery === true).map(recoveryRow),
    ),
    "",
    ...table(
      [
        "day",
        "runs",
        "false pages",
        "days with one",
        "false tickets",
        "days with one",
        "by rule",
        "named though wrong",
      ],
      days.map(pagesRow),
    ),
    ...blocklists(days),
  ];
}

const isJudged = ({ lateRuns, stated, curve }: DaySummary) => lateRuns > 0 || stated.of > 0 || curve !== null;

function saidRow({ scenario, runs }: DaySummary, said: SaidSummary): string[] {
  const isMissed = said.detected.hits === 0;
  return [
    scenario,
    String(runs),
    `${said.causes.join(" or ")} within ${duration(said.deadlineSeconds)}`,
    isMissed ? `missed, ${counted(said.detected)}` : counted(said.detected),
    counted(said.inTime),
    said.seconds === null ? "missed" : duration(said.seconds),
    isMissed
      ? "missed"
      : Object.entries(said.severities)
          .map(([severity, times]) => (runs === 1 ? severity : `${severity} ${times}`))
          .join(", "),
    isMissed ? "missed" : countedMinutes(said.first, said.detected.hits),
    said.change === null ? "not asked" : counted(said.change),
    said.nodes === null ? "not asked" : counted(said.nodes),
  ];
}

function delayRow({ scenario, lateRuns, medianError, p90Error, unsaid, stated, curve }: DaySummary): string[] {
  return [
    scenario,
    errorOf(medianError),
    errorOf(p90Error),
    unsaid.of === 0 ? "never late" : countedMinutes(unsaid, lateRuns),
    stated.of === 0 ? "not asked" : counted(stated),
    curve === null ? "not asked" : counted(curve),
  ];
}

function recoveryRow({ scenario, recovery }: DaySummary): string[] {
  if (recovery === null) return [scenario, ...Array<string>(7).fill("no hour to judge")];
  const { runs, good, forecast, covered, widthAtTwoHours } = recovery;
  return [
    scenario,
    forecast.hits === 0 ? "none" : countedMinutes(forecast, runs),
    countedMinutes(good, runs),
    ...[1, 2, 4].map((hours) => errorAfter(recovery, hours)),
    countedMinutes(covered, runs),
    widthAtTwoHours === null ? "none" : `${percent(widthAtTwoHours)} of what remains`,
  ];
}

function errorAfter({ errors }: RecoverySummary, hours: number): string {
  const look = errors.find((one) => one.hours === hours);
  if (look === undefined) return "over by then";
  const { error, forecast } = look;
  if (error === null) return "none";
  return forecast.hits === forecast.of
    ? percent(error)
    : `${percent(error)}, none in ${forecast.of - forecast.hits} of ${forecast.of}`;
}

function pagesRow(day: DaySummary): string[] {
  const wrong = Object.entries(day.wrong).map(([rule, times]) => `${rule} ${times}`);
  return [
    day.scenario,
    String(day.runs),
    String(day.falsePages),
    counted(day.daysWithFalsePage),
    String(day.falseTickets),
    counted(day.daysWithFalseTicket),
    wrong.length === 0 ? "none" : wrong.join(", "),
    day.forbidden.length === 0 ? "none" : day.forbidden.join(", "),
  ];
}

function blocklists(days: readonly DaySummary[]): string[] {
  const rows = days.flatMap(({ scenario, blocklist }) =>
    blocklist === null ? [] : [[scenario, blocklist.attackers, blocklist.innocents] as const],
  );
  if (rows.length === 0) return [];
  return [
    "",
    ...table(
      ["day", "attackers seen twice on the block list", "new innocent sources on it"],
      rows.map(([scenario, attackers, innocents]) => [scenario, counted(attackers), counted(innocents)]),
    ),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const errorOf = (error: Share | null): string => (error === null ? "never late" : percent(error));
