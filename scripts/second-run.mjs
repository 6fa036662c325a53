// Which test files may run once more, by themselves: docs/adr/0017-a-second-run.md.
import { existsSync, readFileSync } from "node:fs";

/** More files than these at once are no race: something is broken. */
const mostFiles = 6;

/**
 * What failed, `{ path, tests }` a file, as the JSON reporter of vitest wrote it into a file. Empty when there is no telling: no
 * report, nothing failed in it (an error outside all tests), or more than `mostFiles`.
 */
export function failedIn(reportFile) {
  if (!existsSync(reportFile)) return [];
  const { testResults } = JSON.parse(readFileSync(reportFile, "utf8"));
  const failed = testResults
    .filter((file) => file.status === "failed")
    .map((file) => ({
      path: file.name,
      tests: file.assertionResults.filter((test) => test.status === "failed").map((test) => test.fullName),
    }));
  return failed.length > mostFiles ? [] : failed;
}
