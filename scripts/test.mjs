// `npm test`: from a bare machine to a verdict. `-- --allow-missing=NAME` goes without a program and prints SKIPPED for it.
import { ensurePrerequisites, prerequisites } from "./prerequisites.mjs";
import { ensureBuilt, ensureInstalled, misused, run } from "./workspace.mjs";

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
process.on("exit", () => {
  const ends = [...steps.slice(1).map(({ atMs }) => atMs), performance.now()];
  const rows = steps.map(({ name, atMs }, index) => [name, ends[index] - atMs]);
  console.log("\n== seconds");
  for (const [name, tookMs] of [...rows, ["all", performance.now()]])
    console.log(`${name.padEnd(24)}${(tookMs / 1000).toFixed(1).padStart(8)}`);
});

begin("prerequisites");
const missing = ensurePrerequisites(allowed);
for (const name of missing) console.log(`SKIPPED everything that needs ${name}`);
const environment = { ...process.env, MAILTIDE_TEST_MISSING: missing.join(",") };

begin("packages and build");
ensureInstalled();
ensureBuilt();
for (const step of ["typecheck:tests", "format:check", "lint", "depcheck", "deadcode"]) {
  begin(step);
  run("npm", ["run", "--silent", step]);
}
for (const projects of [["unit"], ["integration", "e2e"], ["alone"]]) {
  begin(projects.join(" and "));
  run("npx", ["vitest", "run", ...projects.flatMap((project) => ["--project", project])], { env: environment });
}
// Not beside the end-to-end tests, though these mostly wait: how soon something is named is what they look at.
begin("incidents");
run("npm", ["run", "--silent", "bench:incidents", "--", "--ci"]);
