import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LogClock } from "../../syslog/clock.ts";
import { createPostfixParser } from "./parse.ts";
import { createPostfixRenderer, sameEvent } from "./render.ts";

const folder = join(import.meta.dirname, "testcases");
const parser = () => createPostfixParser({ clock: new LogClock({ zone: "UTC", firstYear: 2026 }) });
const linesOf = (name: string) =>
  readFileSync(join(folder, name, "input"), "utf8")
    .split("\n")
    .slice(0, -1);

test.each(readdirSync(folder))("testcases/%s: what a line says can be written as a line that says it", (name) => {
  const parse = parser();
  const render = createPostfixRenderer(parser());
  const unwritten = linesOf(name).filter((line) => {
    const event = parse(line);
    // A line without a time or a program is none of Postfix's.
    return event.atMs !== undefined && event.process !== undefined && render(event) === null;
  });
  expect(unwritten).toEqual([]);
});

test("a line that is given out reads as its event, whatever the event came from", () => {
  const parse = parser();
  const render = createPostfixRenderer(parser());
  const again = parser();
  const mangled = fc
    .tuple(
      fc.constantFrom(...readdirSync(folder).flatMap(linesOf)),
      fc.nat(400),
      fc.nat(40),
      fc.string({ maxLength: 20 }),
    )
    .map(([line, from, length, text]) => line.slice(0, from) + text + line.slice(from + length));
  let written = 0;
  let readable = 0;
  fc.assert(
    fc.property(mangled, (line) => {
      const event = parse(line);
      const rendered = render(event);
      if (event.process?.startsWith("postfix") === true && event.atMs !== undefined) readable++;
      if (rendered === null) return;
      written++;
      expect(again(rendered)).toEqual(event);
    }),
    { numRuns: 3_000 },
  );
  // Broken lines too are nearly always written as lines, not put aside.
  expect(written / readable).toBeGreaterThan(0.95);
});

test("sameEvent sees what differs", () => {
  const event = { event: "delivery", to: "a@b", delays: [1, 2, 3, 4] } as const;
  expect(sameEvent({ ...event, delays: [1, 2, 3, 4] }, { ...event, delays: [1, 2, 3, 4] })).toBe(true);
  expect(sameEvent({ ...event, delays: [1, 2, 3, 5] }, { ...event, delays: [1, 2, 3, 4] })).toBe(false);
  expect(sameEvent({ event: "other" }, { event: "other", pid: 1 })).toBe(false);
});
