import { expect, test } from "vitest";
import { createFormats } from "./format.ts";

const atMs = Date.parse("2016-05-11T13:03:08Z");
const johannesburg = createFormats("en-GB", "Africa/Johannesburg");

test("instants stand in the zone that was asked for, and the zone has its name", () => {
  expect(johannesburg.time(atMs)).toBe("15:03");
  expect(johannesburg.clock(atMs)).toBe("15:03:08");
  expect(johannesburg.date(atMs)).toBe("Wed 11 May");
  expect(johannesburg.zoneName(atMs)).toBe("SAST");
  expect(createFormats("en-US", "Europe/Berlin").zoneName(atMs)).toBe("CEST");
  expect(createFormats("en-US", "Europe/Berlin").time(atMs)).toBe("15:03");
});

test("midnight is 00:00", () => {
  expect(createFormats("en-US", "UTC").time(Date.parse("2016-05-12T00:00:00Z"))).toBe("00:00");
});

test("another day is named", () => {
  expect(johannesburg.timeNear(Date.parse("2016-05-10T21:59:00Z"), atMs)).toBe("Tue 10 May 23:59");
  expect(johannesburg.timeNear(Date.parse("2016-05-10T22:01:00Z"), atMs)).toBe("00:01");
});

test("numbers are grouped as the locale does", () => {
  expect(johannesburg.number(412_000)).toBe("412,000");
  expect(createFormats("de-DE", "UTC").number(412_000)).toBe("412.000");
  expect(johannesburg.rate(0.44)).toBe("0.4/s");
  expect(johannesburg.rate(51.2)).toBe("51/s");
  expect(johannesburg.rate(0.01)).toBe("< 0.1/s");
});

test("a share is never rounded to nothing nor to all", () => {
  expect([0, 0.004, 0.38, 0.997, 1].map(johannesburg.percent).map((words) => words.replace("\u202f", " "))).toEqual([
    "0 %",
    "< 1 %",
    "38 %",
    "> 99 %",
    "100 %",
  ]);
});

test("a locale or zone that does not exist falls back", () => {
  const formats = createFormats("not a locale", "Mars/Olympus");
  expect(formats.timeZone).toBe("UTC");
  expect(formats.time(atMs)).toBe("13:03");
});
