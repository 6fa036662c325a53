import type { Cause, EpochMs, Seconds } from "@mailtide/shared";
import { cleanText } from "../core/text/clean.ts";
import { countText, durationText, shareText } from "../core/text/figures.ts";
import { paragraph } from "../core/text/paragraph.ts";
import { clockText, plain } from "../core/text/plain.ts";
import { sentence } from "../core/text/sentence.ts";
import type { ReportAlert, ReportDelayRow, ReportDocument, ReportIncident } from "../replay/report/index.ts";
import { sparkline } from "./sparkline.ts";
import { type Tone, toned, wrapped } from "./wrapped.ts";

export interface TimelineOptions {
  readonly timezone: string;
  readonly locale: string;
  readonly isColoured: boolean;
  /** The recording is of a simulation. */
  readonly simulated: boolean;
}

interface Line {
  readonly text: string;
  /** Columns that further lines of it are set in by. */
  readonly indent?: number;
  readonly tone?: Tone;
}
interface Event extends Line {
  readonly atMs: EpochMs;
}

/** A report for people: what was said when, how late mail was, and why; at most 100 columns wide. */
export function timeline(report: ReportDocument, options: TimelineOptions): string[] {
  const say = words(options);
  const lines: Line[] = [
    ...head(report, options, say),
    { text: "" },
    ...course(report, say),
    { text: "" },
    ...report.incidents.flatMap((incident, place) => incidentLines(incident, place + 1, say)),
    ...sourceLines(report),
    ...counted(report),
  ];
  return lines.flatMap(({ text, indent = 0, tone }) =>
    wrapped(text, indent).map((line) => (options.isColoured ? toned(line, tone) : line)),
  );
}

type Words = ReturnType<typeof words>;
function words({ timezone, locale }: TimelineOptions) {
  const day = new Intl.DateTimeFormat(locale, { timeZone: timezone, dateStyle: "full" });
  const clock = (atMs: EpochMs) => clockText(atMs, { timezone, locale });
  return {
    clock,
    day: (atMs: EpochMs) => day.format(atMs),
    /** With the day where it is another one. */
    from: (at: string, nearAt: string) => {
      const [atMs, nearMs] = [Date.parse(at), Date.parse(nearAt)];
      return day.format(atMs) === day.format(nearMs)
        ? clock(atMs)
        : clockText(atMs, { timezone, locale, nowMs: Infinity });
    },
    cause: (cause: Cause) => plain(sentence("incident.one", { cause }), { timezone, locale }),
  };
}

function head(
  { capture, from, to, delay }: ReportDocument,
  { timezone, simulated }: TimelineOptions,
  say: Words,
): Line[] {
  const label = simulated ? "REPLAY OF A SIMULATION" : "REPLAY";
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const sameDay = say.day(fromMs) === say.day(toMs);
  const latest = worst(delay);
  const lines: Line[] = [
    { text: `${label}  ${cleanText(capture)}`, tone: "strong" },
    {
      text: `${say.day(fromMs)} ${say.clock(fromMs)} to ${sameDay ? "" : `${say.day(toMs)} `}${say.clock(toMs)} (${timezone})`,
    },
  ];
  if (latest === null) return [...lines, { text: "How late mail was could not be told." }];
  const spark = sparkline(
    delay.map(({ headlineSeconds }) => headlineSeconds),
    72,
    calmSeconds,
  );
  return [
    ...lines,
    { text: "" },
    { text: `${say.clock(fromMs)} ${spark} ${say.clock(toMs)}` },
    { text: `      late by, at most ${durationText(latest.seconds)} at ${say.from(latest.at, from)}`, tone: "dim" },
  ];
}

/** Mail that takes less is not late for anybody. */
const calmSeconds: Seconds = 60;

function worst(delay: readonly ReportDelayRow[]): { readonly seconds: Seconds; readonly at: string } | null {
  let found: { seconds: Seconds; at: string } | null = null;
  for (const { at, headlineSeconds: seconds } of delay)
    if (seconds !== null && (found === null || seconds > found.seconds)) found = { seconds, at };
  return found;
}

/** Everything that happened, in order of time, with the headline each half hour between. */
function course({ alerts, incidents, delay }: ReportDocument, say: Words): Line[] {
  const events: Event[] = [
    ...delay.filter(({ at }) => /:(?:00|30)$/.test(say.clock(Date.parse(at)))).map((row) => headline(row, say)),
    ...incidents.flatMap(({ changes }) => changes).map(({ startAt, title }) => change(startAt, title, say)),
    ...alerts.flatMap((alert) => alertEvents(alert, say)),
  ].sort((a, b) => a.atMs - b.atMs);
  const lines: Line[] = [];
  let day = "";
  for (const event of events) {
    if (say.day(event.atMs) !== day) {
      day = say.day(event.atMs);
      lines.push({ text: day, tone: "strong" });
    }
    lines.push(event);
  }
  return lines;
}

/** Where the words of a line begin: behind the time and what kind it is. */
const textColumn = 17;
const row = (atMs: EpochMs, kind: string, text: string, say: Words, tone?: Tone): Event => ({
  atMs,
  text: `${say.clock(atMs)}  ${kind.padEnd(8)}  ${text}`,
  indent: textColumn,
  ...(tone === undefined ? {} : { tone }),
});

function headline(
  { at, headlineSeconds, lateShare, expectedWaitSeconds, recovery, recoveryAt, complete }: ReportDelayRow,
  say: Words,
): Event {
  const parts = [
    headlineSeconds === null ? "not known" : `${complete ? "" : "at least "}${durationText(headlineSeconds)}`,
  ];
  if (lateShare !== null && lateShare > 0) parts.push(`${shareText(lateShare)} late`);
  if (expectedWaitSeconds !== null && expectedWaitSeconds >= 60)
    parts.push(`new mail waits ${durationText(expectedWaitSeconds)}`);
  if (recoveryAt !== undefined) parts.push(`on time again ${say.from(recoveryAt, at)}`);
  else if (recovery === "not-recovering") parts.push("not recovering");
  return row(Date.parse(at), "", parts.join(" · "), say, "dim");
}

const change = (startAt: string, title: string, say: Words): Event =>
  row(Date.parse(startAt), "change", cleanText(title), say);

function alertEvents(
  { cause, severity, worstAt, node, subject, startedAt, firedAt, resolvedAt, evidence }: ReportAlert,
  say: Words,
): Event[] {
  const where = [subject, node].flatMap((name) => (name === undefined || name === cause ? [] : [cleanText(name)]));
  const name = [say.cause(cause), ...new Set(where)].join(", ");
  const since = startedAt === firedAt ? "" : ` since ${say.from(startedAt, firedAt)}`;
  const said = paragraph([`${name}${since}.`, ...evidence.map(({ text }) => cleanText(text, 400))]);
  // What is quoted was said when it came to its worst; before, it was less.
  const events = worstAt === firedAt ? [] : [row(Date.parse(firedAt), "fired", `${name}${since}.`, say)];
  events.push(row(Date.parse(worstAt), severity, said, say, severity));
  if (resolvedAt !== null) events.push(row(Date.parse(resolvedAt), "over", name, say, "good"));
  return events;
}

function incidentLines({ startedAt, resolvedAt, causes, changes }: ReportIncident, number: number, say: Words): Line[] {
  const until = resolvedAt === null ? "still going on at the end" : `over at ${say.from(resolvedAt, startedAt)}`;
  return [
    {
      text: `Incident ${number}, since ${say.day(Date.parse(startedAt))} ${say.clock(Date.parse(startedAt))}, ${until}`,
      tone: "strong",
    },
    ...causes.map(({ cause, startedAt: began }, place) => ({
      text: `  ${place + 1}. ${say.cause(cause)}, since ${say.from(began, startedAt)}`,
      indent: 5,
    })),
    ...changes.map(({ startAt, title }) => ({
      text: `  after the change ${say.from(startAt, startedAt)}: ${cleanText(title)}`,
      indent: 5,
    })),
    { text: "" },
  ];
}

const sourcesShown = 5;
function sourceLines({ sources: { distinct, top }, blocklist }: ReportDocument): Line[] {
  const hostile = top.filter(({ spoofed, authFailures }) => spoofed + authFailures > 0);
  const lines: Line[] = [
    {
      text: `Sources: ${countText(distinct)}; to be blocked: ${countText(blocklist.length)} ${blocklist.length === 1 ? "prefix" : "prefixes"}`,
    },
  ];
  for (const { ip, messages, spoofed, rejected, authFailures } of hostile.slice(0, sourcesShown))
    lines.push({
      text: `  ${cleanText(ip).padEnd(15)}  ${countText(messages)} messages, ${countText(spoofed)} forged, ${countText(rejected)} refused, ${countText(authFailures)} wrong passwords`,
      indent: 4,
    });
  return [...lines, { text: "" }];
}

function counted({ lines, unparsed, lost, assumptions }: ReportDocument): Line[] {
  return [
    { text: `Lines: ${countText(lines)} read, ${countText(unparsed)} not understood, ${countText(lost)} lost` },
    ...assumptions.map((text) => ({ text: `Assumed: ${cleanText(text, 400)}`, indent: 9 })),
  ];
}
