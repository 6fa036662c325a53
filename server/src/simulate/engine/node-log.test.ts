import { expect, test } from "vitest";
import { createRandom } from "../random.ts";
import { createNodeLog, createStamp, delaysText, delayText } from "./node-log.ts";
import { createPids, createProcessPool } from "./processes.ts";
import { createQueueIds } from "./queue-id.ts";
import { memoryDay } from "./testing/memory-day.ts";

test("a host's clock follows its zone through summer time", () => {
  const stamp = createStamp("Europe/Berlin");
  const at = (text: string) => stamp(Date.parse(text));
  expect(at("2016-03-27T00:59:59.900Z")).toBe("Mar 27 01:59:59");
  expect(at("2016-03-27T01:00:00Z")).toBe("Mar 27 03:00:00");
  expect(at("2016-10-30T00:59:59Z")).toBe("Oct 30 02:59:59");
  expect(at("2016-10-30T01:00:00Z")).toBe("Oct 30 02:00:00");
  expect(at("2016-11-02T23:30:05Z")).toBe("Nov  3 00:30:05");
});

test("delays are printed as Postfix prints them", () => {
  expect([0.004, 0.27, 1.26, 9.96, 10.4, 21_600.4].map(delayText)).toEqual(["0", "0.27", "1.3", "10", "10", "21600"]);
  expect(delaysText(180, 50, 40, 0)).toBe("delay=0.27, delays=0.18/0.05/0.04/0");
});

test("lines that are lost are counted, and the logger tells how many", () => {
  const lines: string[] = [];
  let nowMs = Date.UTC(2016, 4, 11, 10);
  let share = 0.5;
  let clockOffsetMs = 0;
  const log = createNodeLog({
    host: "mx1",
    timezone: "UTC",
    random: createRandom(1),
    now: () => nowMs,
    clockOffsetMs: () => clockOffsetMs,
    lossShare: () => share,
    write: (line) => void lines.push(line),
  });
  const said = 10_000;
  for (let number = 0; number < said; number++) {
    log.say(" mx1 postfix/smtpd[7]: ", "connect from a[192.0.2.1]");
    log.tick();
    nowMs += 20;
  }
  share = 0;
  nowMs += 60_000;
  clockOffsetMs = 120_000;
  log.tick();
  const told = lines.map((line) => Number(/imuxsock lost (\d+) messages from pid/.exec(line)?.[1] ?? 0));
  const written = told.filter((lost) => lost === 0).length;
  expect(told.reduce((sum, lost) => sum + lost, 0)).toBe(said - written);
  expect(written).toBeGreaterThan(4_500);
  expect(lines.at(-1)).toMatch(/^May 11 10:06:20 mx1 rsyslogd: imuxsock lost/);
  expect(log.lines).toBe(lines.length);
});

test("a log is put aside once a day", async () => {
  const { log } = await memoryDay({
    scenario: {
      from: "2016-05-10T23:00",
      to: "2016-05-12T01:00",
      rate: 0.01,
      platform: { nodes: ["mx1"], logRotation: "00:30" },
    },
  });
  expect(log.filter((line) => line.endsWith("rsyslogd was HUPed")).map((line) => line.slice(0, 15))).toEqual([
    "May 11 00:30:00",
    "May 12 00:30:00",
  ]);
});

test("a process serves one session at a time and not for ever", () => {
  const pool = createProcessPool("mx1", "postfix/smtpd", createPids(2_000));
  const [a, b] = [pool.take(), pool.take()];
  expect(a).not.toBe(b);
  expect(pool.busy).toBe(2);
  pool.give(a);
  expect(pool.take()).toBe(a);
  pool.give(a);
  const seen = new Set(Array.from({ length: 250 }, () => pool.any()));
  expect(seen.size).toBeGreaterThan(2);
});

test("queue ids are unique, and the first six signs are the seconds in base 52", () => {
  const newId = createQueueIds(4_000_000);
  const ids = Array.from({ length: 5_000 }, () => newId(1_462_958_640_999));
  expect(new Set(ids).size).toBe(5_000);
  const digits = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
  const seconds = (ids[0] ?? "")
    .slice(0, 6)
    .split("")
    .reduce((sum, sign) => sum * 52 + digits.indexOf(sign), 0);
  expect(seconds).toBe(1_462_958_640);
  for (const id of ids)
    expect(id).toMatch(/^[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]+$/);
});
