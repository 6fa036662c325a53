import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { failedIn } from "./second-run.mjs";

const folder = mkdtempSync(join(tmpdir(), "mailtide-second-run-"));
const report = join(folder, "report.json");
afterEach(() => rmSync(report, { force: true }));

const file = (name: string, ...statuses: readonly string[]) => ({
  name,
  status: statuses.includes("failed") ? "failed" : "passed",
  assertionResults: statuses.map((status, index) => ({ status, fullName: `${name} ${index}` })),
});
const reported = (...testResults: readonly object[]) => {
  writeFileSync(report, JSON.stringify({ testResults }));
  return failedIn(report);
};

test("what failed is named by file and test", () => {
  const passed = file("/a.test.ts", "passed", "skipped");
  const failed = file("/b.test.ts", "passed", "failed", "failed");
  expect(reported(passed, failed)).toEqual([{ path: "/b.test.ts", tests: ["/b.test.ts 1", "/b.test.ts 2"] }]);
});

test("a file that failed before its first test may run once more", () => {
  expect(reported({ ...file("/a.test.ts"), status: "failed" })).toEqual([{ path: "/a.test.ts", tests: [] }]);
});

test("no second run without a report, without a failed file, and for more than six", () => {
  expect(failedIn(report)).toEqual([]);
  expect(reported(file("/a.test.ts", "passed"))).toEqual([]);
  const seven = Array.from("abcdefg", (name) => file(name, "failed"));
  expect(reported(...seven.slice(1))).toHaveLength(6);
  expect(reported(...seven)).toEqual([]);
});
