import { expect, test } from "vitest";
import { randomOf, seedOr } from "../../../../../test/fuzz/mangle.ts";
import { LogClock } from "../../../syslog/clock.ts";
import { createEximParser } from "../parse.ts";

/** Which of two hours a line of an autumn night is in, only the lines before it tell: both ways must ask the clock alike. */

const parser = () => createEximParser({ clock: new LogClock({ zone: "Europe/Berlin", firstYear: 2026 }) });

const times = [
  "02:30:00",
  "02:31:05",
  "02:31:06",
  "02:59:59",
  "02:00:01",
  "03:00:00",
  "01:59:59",
  "02:61:00",
  "02:31:5x",
];
const days = ["2026-10-25", "2026-10-25", "2026-10-25", "2026-10-24", "2026-03-29", "2026-13-25"];
const behind = ["", "", "", ".250", " +0100", " -0000", "  ", "Z"];
const texts = [
  "1ViMYi-000001-01 Completed",
  "SMTP connection from [203.0.179.10]:50975 (TCP/IP connection count = 7)",
  "Start queue run: pid=31979",
  "Start queue run: é",
  "[77] 1ViMYi-000001-01 Completed",
];

test("a line's time is the same read from the bytes and from its text, whatever was read before", () => {
  const random = randomOf(seedOr(20_161_128));
  const one = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? "";
  const [quick, long] = [parser(), parser()];
  for (let round = 0; round < 20_000; round++) {
    const line =
      random() < 0.1
        ? one(["1795462865 x", "1795462865.12345678 x", "x"])
        : `${one(days)} ${one(times)}${one(behind)} ${one(texts)}`;
    expect(quick(Buffer.from(line)), line).toEqual(long(line));
  }
});
