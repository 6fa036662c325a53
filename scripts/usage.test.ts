import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = import.meta.dirname;
const started = (...args: readonly string[]) =>
  spawnSync(process.execPath, args, { encoding: "utf8", timeout: 120_000 });

test.each([
  ["bench.mjs", "nothing-of-that-name", 'no benchmark "nothing-of-that-name"', "npm run bench [-- NAME [ARGUMENT...]]"],
  ["soak.mjs", "--fast", "unknown argument --fast", "npm run soak"],
  [
    "test.mjs",
    "--allow-missing=sleep",
    "unknown argument --allow-missing=sleep",
    "npm test [-- --allow-missing=NAME...]",
  ],
])("%s called with %s says how it is called, and does nothing", (script, argument, what, usage) => {
  const { status, stdout, stderr } = started(join(folder, script), argument);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^mailtide: .*\n\nusage: .*\n(?: {2}.*\n)?$/u);
  expect(stderr).toContain(`mailtide: ${what}\n\nusage: ${usage}\n`);
});

test.each([
  [2, "usage: as it says itself\n"],
  [3, /^usage: as it says itself\nmailtide: ".*" failed\n$/u],
])("what was run and exits with %i", (code, words) => {
  const inner = `console.error("usage: as it says itself"); process.exit(${code})`;
  const script = `import { run } from ${JSON.stringify(join(folder, "workspace.mjs"))};
    run(process.execPath, ["-e", ${JSON.stringify(inner)}], { hasUsage: true });`;
  const { status, stderr } = started("--input-type=module", "-e", script);
  expect(status).toBe(code);
  expect(stderr).toMatch(words);
});
