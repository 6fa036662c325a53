import type { Sentence } from "@mailtide/shared";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { createFormats } from "./format.ts";
import { begun, SentenceText, sentenceWords } from "./sentence.tsx";

const nowMs = Date.parse("2016-05-11T13:03:08Z");
const sentence: Sentence = {
  id: "database.schema-lock",
  params: {},
  parts: [
    { strong: '<img src=x onerror="alert(1)">' },
    { text: " holds " },
    { strong: "214" },
    { text: " sessions since " },
    { atMs: Date.parse("2016-05-11T10:24:00Z") },
    { text: ", for " },
    { durationSeconds: 9_540, strong: true },
  ],
};

test("what an attacker wrote stays text, isolated from what stands around it", () => {
  const html = renderToStaticMarkup(<SentenceText sentence={sentence} nowMs={nowMs} />);
  expect(html).not.toContain("<img");
  expect(html).toContain("<strong><bdi>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</bdi></strong>");
  expect(html).toContain("<strong><bdi>2\u00a0h\u00a039\u00a0min</bdi></strong>");
});

test("as plain words, instants are in the reader's zone", () => {
  const words = sentenceWords(sentence, createFormats("en-GB", "Africa/Johannesburg"), nowMs);
  expect(words).toContain(" holds 214 sessions since 12:24, for 2\u00a0h\u00a039\u00a0min");
});

const note = (...parts: Sentence["parts"]): Sentence => ({ id: "x", params: {}, parts });
test("a note among sentences begins as they do; a figure or a name is left as it is", () => {
  expect(begun(note({ text: "failing since " }, { atMs: 0 })).parts).toEqual([{ text: "Failing since " }, { atMs: 0 }]);
  expect(begun(note({ strong: "mx1" }, { text: " is late" })).parts[0]).toEqual({ strong: "mx1" });
});
