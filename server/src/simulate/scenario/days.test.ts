import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type SimulateResult, streamDay } from "../index.ts";
import { createCalendar } from "./calendar.ts";
import { readScenario } from "./read.ts";
import { atRate } from "./vary.ts";

/**
 * What the providers said of their days, against what the simulated platform suffered. The scenarios know none of this.
 * Every day is played small: at `rate` messages a second.
 */
interface Day {
  readonly id: string;
  readonly rate: number;
  /** Only from then on, where the hours before have nothing to do with it. */
  readonly from?: string;
  /** The headline at a minute, in hours: it rounds to them or is within 15 % of them. */
  readonly hours?: readonly (readonly [at: string, hours: number])[];
  /** The highest headline, in minutes. */
  readonly peak: readonly [least: number, most: number];
  /** From when mail was on time, give or take so many minutes; null: it was never late. */
  readonly onTime: readonly [at: string, minutes: number] | null;
  /** Mail kept waiting at its senders for at least so many hours. */
  readonly atSenders?: readonly (readonly [at: string, hours: number])[];
}

const always: readonly Day[] = [
  {
    id: "synaq-2016-05-11",
    rate: 2,
    hours: [
      ["2016-05-11T15:03", 3],
      ["2016-05-11T17:43", 6],
      ["2016-05-11T18:34", 6],
    ],
    peak: [330, 8 * 60],
    onTime: ["2016-05-12T00:02", 20],
  },
  { id: "utaustin-2013-11-18", rate: 4, peak: [25, 52], onTime: ["2013-11-18T16:20", 12] },
  {
    id: "postmark-early",
    rate: 12,
    from: "2016-10-18T04:45",
    hours: [["2016-10-18T07:45", 2.5]],
    peak: [130, 175],
    onTime: ["2016-10-18T08:43", 15],
  },
];

const onRequest: readonly Day[] = [
  {
    id: "synaq-2016-11-02",
    rate: 3,
    hours: [
      ["2016-11-02T10:09", 13],
      ["2016-11-02T12:55", 3],
    ],
    peak: [11 * 60, 15 * 60],
    onTime: ["2016-11-02T14:31", 30],
  },
  {
    id: "synaq-2019-03-13",
    rate: 3,
    // Nothing moved for eight hours, so the first of it waited somewhat longer.
    peak: [60, 510],
    onTime: ["2019-03-13T20:04", 40],
    atSenders: [["2019-03-13T15:30", 7.5]],
  },
  { id: "synaq-2020-05-25", rate: 3, peak: [120, 510], onTime: ["2020-05-25T12:15", 50] },
  {
    id: "mailchannels-2020-09-15",
    rate: 3,
    peak: [45, 240],
    onTime: ["2020-09-15T14:12", 30],
    atSenders: [["2020-09-15T10:30", 4]],
  },
  { id: "tmu-2014-11-04", rate: 6, peak: [6, 16], onTime: ["2014-11-04T14:50", 35] },
  { id: "mxtoolbox-2010-08-06", rate: 3, peak: [0, 5], onTime: null },
  { id: "negative-postscreen-flood", rate: 3, peak: [0, 5], onTime: null },
  { id: "negative-throttling-provider", rate: 3, peak: [0, 5], onTime: null },
  { id: "negative-return-wave", rate: 3, peak: [0, 30], onTime: null },
  { id: "negative-list-loop", rate: 3, peak: [0, 5], onTime: null },
  { id: "negative-dnsbl-timeout", rate: 6, peak: [0, 5], onTime: null },
  { id: "negative-certificate", rate: 3, peak: [120, 260], onTime: ["2025-10-14T13:00", 40] },
  { id: "normal-small", rate: 0.05, peak: [0, 5], onTime: null },
];

/** All of them take some minutes. */
const days = process.env["MAILTIDE_ALL_DAYS"] === undefined ? always : [...always, ...onRequest];

test.each(days)("$id: the truth is what its provider said", async (day) => {
  const path = fileURLToPath(new URL(`../../../../scenarios/${day.id}.yaml`, import.meta.url));
  const read = atRate(await readScenario(path), day.rate);
  const scenario = day.from === undefined ? read : { ...read, from: day.from };
  const { instant } = createCalendar(scenario);
  const { truth, summary } = await play(scenario);
  const at = (local: string) => {
    const row = truth.find((one) => Date.parse(one.at) === instant(local));
    if (row === undefined) throw new Error(`no row at ${local}`);
    return row;
  };

  for (const [local, hours] of day.hours ?? [])
    expect(at(local), local).toSatisfy((row) => states(row.headlineSeconds, hours));
  for (const [local, hours] of day.atSenders ?? []) {
    expect(at(local).waitingAtSendersSeconds, local).toBeGreaterThan(hours * 3600);
  }
  const peakMinutes = (summary.peak?.headlineSeconds ?? 0) / 60;
  expect(peakMinutes).toBeGreaterThanOrEqual(day.peak[0]);
  expect(peakMinutes).toBeLessThanOrEqual(day.peak[1]);
  if (day.onTime === null) return;
  const [local, toleranceMinutes] = day.onTime;
  const lateMinutes = (Date.parse(summary.recoveredAt ?? "") - instant(local)) / 60_000;
  expect(Math.abs(lateMinutes), `on time at ${summary.recoveredAt}`).toBeLessThanOrEqual(toleranceMinutes);
});

function states(seconds: number, hours: number): boolean {
  const measured = seconds / 3600;
  return Math.round(measured) === hours || Math.abs(measured - hours) <= 0.15 * hours;
}

const nowhere = () => undefined;

function play(scenario: Parameters<typeof streamDay>[0]["scenario"]): Promise<SimulateResult> {
  const sink = { log: nowhere, queue: nowhere, probe: nowhere, change: nowhere, observation: nowhere };
  return streamDay({ scenario, seed: 1, sink: { ...sink, drained: () => Promise.resolve() } });
}
