// `npm test`: from a bare machine to a verdict. `-- --allow-missing=NAME` goes without a program and prints SKIPPED for it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { start } from "./beside.mjs";
import { ensurePrerequisites, prerequisites } from "./prerequisites.mjs";
import { failedIn } from "./second-run.mjs";
import { ensureBuilt, ensureInstalled, misused, root } from "./workspace.mjs";

const allowed = new Set();
for (const argument of process.argv.slice(2)) {
  const name = /^--allow-missing=(.+)$/.exec(argument)?.[1];
  if (name === undefined || !prerequisites.some((each) => each.name === name)) {
    const names = prerequisites.map((each) => each.name).join(", ");
    misused(`unknown argument ${argument}`, `npm test [-- --allow-missing=NAME...]\n  NAME: ${names}`);
  }
  allowed.add(name);
}

/** What is done now, and when it began, milliseconds; a step ends where the next one begins. */
const steps = [];
const begin = (name) => {
  console.log(`\n== ${name}`);
  steps.push({ name, atMs: performance.now() });
};
/** What ran beside something, and how long it took. */
const beside = [];
process.on("exit", () => {
  const ends = [...steps.slice(1).map(({ atMs }) => atMs), performance.now()];
  const rows = steps.map(({ name, atMs }, index) => [name, ends[index] - atMs]);
  console.log("\n== seconds");
  for (const [name, tookMs] of [...rows, ["all", performance.now()], ...beside])
    console.log(`${name.padEnd(32)}${(tookMs / 1000).toFixed(1).padStart(8)}`);
  if (again.length > 0) console.log(`\n== failed beside others: faults, whether they passed the second time or not`);
  for (const { path, tests } of again) console.log([relative(root, path), ...tests].join("\n    "));
  rmSync(reports, { recursive: true, force: true });
});

/** Where each run of real components reports what failed, and the files that failed. */
const reports = mkdtempSync(join(tmpdir(), "mailtide-test-"));
const again = [];

async function run([command, ...args], { report, ...options }) {
  const { ok, tookMs, text } = await start(command, args, { env: environment, ...options });
  const words = [command, ...args].join(" ");
  if (!options.isShown) {
    console.log(`\n== ${words}\n${text}`);
    beside.push([`beside: ${args.slice(1, 4).join(" ")}`, tookMs]);
  }
  if (ok) return;
  const failed = report === undefined ? [] : failedIn(report);
  again.push(...failed);
  if (failed.length > 0) return;
  console.error(`mailtide: "${words}" failed`);
  process.exit(1);
}
const vitest = (...projects) => ["npx", "vitest", "run", ...projects.flatMap((project) => ["--project", project])];

/** Runs tests that look at real components, side by side. What fails runs once more at the end, with nothing beside it. */
function runReal(...projects) {
  const report = join(reports, `${projects.join("-")}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return run([...vitest(...projects), ...reporters], { isShown: true, report });
}

begin("prerequisites");
const missing = ensurePrerequisites(allowed);
for (const name of missing) console.log(`SKIPPED everything that needs ${name}`);
const environment = { ...process.env, MAILTIDE_TEST_MISSING: missing.join(",") };

begin("packages and build");
ensureInstalled();
ensureBuilt();

begin("checks");
const checks = ["typecheck:tests", "format:check", "lint", "depcheck", "deadcode"];
await Promise.all(checks.map((check) => run(["npm", "run", "--silent", check], {})));

begin("unit");
await run(vitest("unit"), { isShown: true });

// These mostly wait for the programs that they start, and look at how soon something is named. What plays days on a clock of
// its own can do with what they leave of the processors.
begin("integration and e2e");
const played = (async () => {
  await run(vitest("played"), { isPatient: true });
  await run(["npm", "run", "--silent", "bench:incidents", "--", "--ci"], { isPatient: true });
})();
await runReal("integration", "e2e");
begin("what is left of the played days");
await played;

begin("alone");
await runReal("alone");

if (again.length > 0) {
  begin("once more, by themselves");
  const projects = vitest("integration", "e2e", "alone");
  await run([...projects, "--maxWorkers=1", ...again.map(({ path }) => relative(root, path))], { isShown: true });
}
