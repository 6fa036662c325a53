import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { doubled, leastSeconds } from "../../../test/processor-time.ts";
import { BadExposition, readExposition } from "./exposition.ts";

const all: Parameters<typeof readExposition>[1] = { wants: () => true, isOpenMetrics: false };
const plain = (text: string, options = all): unknown[] =>
  [...readExposition(text, options)].flatMap((sample) =>
    sample === null ? [] : [[sample.name, Object.fromEntries(sample.labels), sample.value]],
  );

test("samples with and without labels, escapes, time stamps, and what is no number", () => {
  const text = `# HELP a_total What it is.
# TYPE a_total counter
a_total 3 1395066363000
a_total{queue="deferred",path="C:\\\\mail\\"x\\"\\n",} 1.5e+03

b{ le = "+Inf" , x="}" } +Inf
c NaN\r
d -0.5`;
  expect(plain(text)).toEqual([
    ["a_total", {}, 3],
    ["a_total", { queue: "deferred", path: 'C:\\mail"x"\n' }, 1500],
    ["b", { le: "+Inf", x: "}" }, Infinity],
    ["c", {}, Number.NaN],
    ["d", {}, -0.5],
  ]);
});

test("OpenMetrics: exemplars are passed over, and its end must be there", () => {
  const open = { ...all, isOpenMetrics: true };
  const text = 'x_bucket{le="1"} 4 1520879607.789 # {trace_id="a b"} 0.67 1520879607\n';
  expect(plain(`${text}# EOF\n`, open)).toEqual([["x_bucket", { le: "1" }, 4]]);
  expect(() => plain(text, open)).toThrow(/breaks off/);
});

test.each(["a{b} 1", 'a{b="c} 1', "a{b=c} 1", "a", "a one", "a 1 2 3", "7a 1", 'a{b="c"', "<html>"])(
  "%s is refused with its line",
  (line) => expect(() => plain(`ok 1\n${line}\n`)).toThrow(/^line 2/),
);

test("what is not wanted is read past, however it looks", () => {
  expect(plain("bad{ 1\nwanted 2\n", { ...all, wants: (name) => name === "wanted" })).toEqual([["wanted", {}, 2]]);
});

test("whatever comes, it is samples or a refusal", () => {
  const mark = constantFrom("a", "{", "}", '"', "=", ",", " ", "\\", "\n", "1", "#", "e", "+", "é");
  assert(
    property(array(mark, { maxLength: 60 }), (marks) => {
      try {
        plain(marks.join(""));
      } catch (error) {
        expect(error).toBeInstanceOf(BadExposition);
      }
    }),
    { numRuns: 3_000 },
  );
});

/** Ten readings of a line that is refused only at its 65th label, or read to its end within one. */
const reading = (line: string) => () => {
  for (let at = 0; at < 10; at += 1) refusal(line);
};
function refusal(line: string): string {
  try {
    plain(line);
    return "";
  } catch (error) {
    if (error instanceof BadExposition) return error.message;
    throw error;
  }
}

test("a long line costs in proportion to its length", () => {
  const many = Array.from({ length: 65 }, (_, at) => `l${at}=""`).join();
  expect(refusal(`a{${many}} 1`)).toMatch(/labels are not well formed/);
  expect(refusal('a{b="",b=""} 1')).toMatch(/stands twice/);
  expect(refusal(`a{b="${"x".repeat(70_000)}"} 1`)).toMatch(/64 KiB/);
  for (const piece of ['b="\\\\",', "\\\\", " ", '{"', '="']) {
    const [half, whole] = [30_000, 60_000].map((length) => reading(`a{b="${piece.repeat(length / piece.length)}`));
    if (half === undefined || whole === undefined) throw new Error("no lines");
    expect(doubled(half, whole), piece).toMatchObject({ isLinear: true });
    expect(leastSeconds(whole), piece).toBeLessThan(2);
  }
});

test("an exporter that never runs out of samples is refused, not kept", () => {
  expect(() => plain("a 1\n".repeat(100_001))).toThrow("more than 100000 samples");
  expect(plain(`${"b 1\n".repeat(100_001)}a 1\n`, { ...all, wants: (name) => name === "a" })).toHaveLength(1);
});
