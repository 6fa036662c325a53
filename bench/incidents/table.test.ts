import { expect, test } from "vitest";
import { baselineOf, compare } from "./baseline.ts";
import { expectations } from "./expectations.ts";
import { readOptions } from "./options.ts";
import { placed } from "./results.ts";
import { alert, at, perfect, truth } from "./sample.ts";
import { scoreDay } from "./score.ts";
import { summarise } from "./summary.ts";
import { tablesOf } from "./table.ts";
import type { Report } from "./report.ts";

const id = "utaustin-2013-11-18";
const expectation = {
  ...expectations[id],
  kind: "incident",
  says: expectations[id]?.says ?? [],
  never: [],
  curve: true,
  recovery: true,
} as const;
const scoreOf = (report: Report) => ({ ...scoreDay(report, truth(), expectation), scenario: id });
const tableOf = (...reports: Report[]) => tablesOf([summarise(id, reports.map(scoreOf))]).join("\n");

test("what was missed is called missed, and no cell is empty", () => {
  const text = tableOf(perfect([]));
  expect(text).toContain("missed, 0/1 (0 to 79 %)");
  expect(text).not.toMatch(/\| *\|/);
  expect(tableOf(perfect())).not.toContain("missed");
});

test("runs of a day are put together, each share with its interval", () => {
  const text = tableOf(
    perfect(),
    perfect([alert({ firedAt: at(62), worstAt: at(62), severity: "ticket" })]),
    perfect([]),
  );
  expect(text).toContain("| 2/3 (21 to 94 %) | 1/3 (6 to 79 %) | 75 s | page 1, ticket 1 |");
});

const base = baselineOf(2, [scoreOf(perfect())]);
const judged = (report: Report) => compare(base, baselineOf(2, [scoreOf(report)]));

test("the same is neither worse nor better", () => {
  expect(judged(perfect())).toEqual({ worse: [], better: [] });
});

test("a detection lost, a deadline lost, a false page and a worse headline are each found, and so is the way back", () => {
  const falsePage = alert({ startedAt: at(5), firedAt: at(5), worstAt: at(5), resolvedAt: at(8) });
  const cases = [
    [perfect([]), "is missed now"],
    [perfect([alert({ firedAt: at(62), worstAt: at(62) })]), "is late now"],
    [perfect([alert(), falsePage]), "false pages: worse by 1"],
    [perfect([alert()], (row) => ({ ...row, headlineSeconds: (row.headlineSeconds ?? 0) * 1.05 })), "median error"],
  ] as const;
  for (const [report, words] of cases) {
    expect(judged(report).worse).toEqual([expect.stringContaining(words)]);
    const back = compare(baselineOf(2, [scoreOf(report)]), base);
    expect([back.worse, back.better.length]).toEqual([[], 1]);
  }
});

test("a day that is gone or new, and another simulator, are no success", () => {
  expect(compare(base, baselineOf(2, [])).worse).toEqual([expect.stringContaining("was not played")]);
  expect(compare(baselineOf(2, []), base).worse).toEqual([expect.stringContaining("is not in the baseline")]);
  expect(compare(baselineOf(1, [scoreOf(perfect())]), base).worse).toEqual([expect.stringContaining("simulator 1")]);
});

test("results take the place of the former ones; everything else stays", () => {
  const once = placed("# Results\n\nspeed\n", ["a"]);
  expect(once).toContain("speed\n\n<!-- incidents: begin -->\n\na\n\n<!-- incidents: end -->\n");
  expect(placed(`${once}\nafter\n`, ["b"])).toBe(`${once.replace("\na\n", "\nb\n")}\nafter\n`);
  expect(() => placed("<!-- incidents: begin -->", ["a"])).toThrow("markers");
});

test("options: a mistake is named", () => {
  expect(readOptions([], [id])).toMatchObject({ seeds: 20, rate: 20, jobs: 2, ci: false, only: [] });
  expect(readOptions(["--only", id, "--rate", "0.5"], [id])).toMatchObject({ only: [id], rate: 0.5 });
  expect(() => readOptions(["--only", "monday"], [id])).toThrow(`there is no day monday; known: ${id}`);
  expect(() => readOptions(["--seeds", "1.5"], [id])).toThrow("whole number");
  expect(() => readOptions(["--accept"], [id])).toThrow("--ci");
  expect(() => readOptions(["--fast"], [id])).toThrow("--fast");
});
