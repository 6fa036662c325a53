import { detach, detachWhole } from "./detach.ts";
import { expect, test } from "vitest";
import { cleanText, cut } from "./clean.ts";
import { countText, durationText, shareText } from "./figures.ts";
import { clockText, plain } from "./plain.ts";
import { paragraph } from "./paragraph.ts";
import { sentence } from "./sentence.ts";

const reader = { timezone: "Africa/Johannesburg", locale: "en-GB" };

test.each([
  [0.0005, "1 ms"],
  [0.05, "50 ms"],
  [0.31, "0.3 s"],
  [14, "14 s"],
  [119.9, "119 s"],
  [1860, "31 min"],
  [9300, "2 h 35 min"],
  [21_600, "6 h"],
  [273_600, "3 d 4 h"],
  [-5, "0 s"],
  [Number.NaN, "0 s"],
])("%s seconds are told as %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test("counts are grouped, shares never round to all or nothing", () => {
  expect(countText(7287)).toBe("7,287");
  expect(countText(1_234_567)).toBe("1,234,567");
  expect(countText(2.13)).toBe("2.1");
  expect(shareText(0.97)).toBe("97 %");
  expect(shareText(0.9999)).toBe("99 %");
  expect(shareText(1)).toBe("100 %");
  expect(shareText(0.0004)).toBe("under 0.1 %");
});

test("what a collector says of itself ends where the next sentence begins", () => {
  const told = ["no data for more than 60 s", "is it the right address?", "mx2 says no."].map((problem) =>
    paragraph(["It cannot look.", plain(sentence("freshness.problem", { problem }), reader), "Next."]),
  );
  expect(told).toEqual([
    "It cannot look; no data for more than 60 s. Next.",
    "It cannot look; is it the right address? Next.",
    "It cannot look; mx2 says no. Next.",
  ]);
});

test.each([
  [["A query takes 3 s.", "No answer yet."], "A query takes 3 s. No answer yet."],
  [["A query takes 3 s.", "lock held for 5 min"], "A query takes 3 s; lock held for 5 min"],
  [["In trouble for 200 s.", "mx2:25: no answer", "Make room"], "In trouble for 200 s; mx2:25: no answer. Make room"],
  [["Statement: ALTER TABLE users", "Clear."], "Statement: ALTER TABLE users. Clear."],
  [["is it right?", "it is", "cut…", "Then"], "is it right? it is; cut… Then"],
  [["", "One", ""], "One"],
  [[], ""],
])("%j told one behind the other", (texts, whole) => {
  expect(paragraph(texts)).toBe(whole);
});

test("a sentence keeps its decisive figures apart, so that a reader can make them bold", () => {
  expect(sentence("attack.new-sources", { fresh: 7287, usual: 35 }).parts).toEqual([
    { strong: "7,287" },
    { text: " new sources, usual " },
    { strong: "35" },
    { text: "." },
  ]);
});

test("plain text tells instants in the reader's zone, with the day when it is far", () => {
  // Wednesday 11 May 2016, 12:24 there.
  const sinceMs = 1_462_962_240_000;
  const line = sentence("database.failing-for", { seconds: 95, sinceMs });
  expect(plain(line, reader)).toBe("No answer for 95 s, since 12:24.");
  expect(clockText(sinceMs, { ...reader, nowMs: sinceMs + 86_400_000 })).toMatch(/^Wed,? 12:24$/);
  expect(clockText(Number.NaN, reader)).toBe("?");
  expect(clockText(-1e300, reader)).toBe("?");
  expect(clockText(8.65e15, { ...reader, nowMs: sinceMs })).toBe("?");
});

test("what a stranger wrote can neither break a line nor turn it around", () => {
  const hostile = "a\r\nInjected: x\u0000\u202Egnp.exe\u2066\u200B\uFEFF\uD800 \u2028 end";
  const line = sentence("freshness.problem", { problem: hostile });
  expect(plain(line, reader)).toBe("a Injected: x gnp.exe end");
  expect(line.params["problem"]).toBe("a Injected: x gnp.exe end");
});

test("a giant parameter is cut, never through a character", () => {
  const cutText = cleanText("é😀".repeat(500_000));
  expect(cutText.length).toBeLessThanOrEqual(200);
  expect(cutText.endsWith("…")).toBe(true);
  expect(cutText).not.toMatch(/\p{Cs}/u);
  expect(cut("ab😀", 4)).toBe("ab…");
});

test.each([0, 1, 12, 13, 14, 15, 16, 17, 40, 256, 257, 1_000])(
  "a detached text of %i characters is the same text",
  (length) => {
    const text = Array.from({ length }, (_, at) =>
      String.fromCharCode(at % 7 === 3 ? 0x1f30 + at : 48 + (at % 70)),
    ).join("");
    const part = `<${text}>`.slice(1, -1);
    expect(detach(part)).toBe(text);
    expect(detachWhole(part)).toBe(text);
  },
);
