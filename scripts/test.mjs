// `npm test`: from a bare machine to a verdict. `-- --allow-missing=NAME` goes without a program and prints SKIPPED for it.
import { ensurePrerequisites, prerequisites } from "./prerequisites.mjs";
import { ensureBuilt, ensureInstalled, run, runBeside } from "./workspace.mjs";

const allowed = new Set();
for (const argument of process.argv.slice(2)) {
  const name = /^--allow-missing=(.+)$/.exec(argument)?.[1];
  if (name === undefined || !prerequisites.some((each) => each.name === name)) {
    console.error(
      `mailtide: unknown argument ${argument}; known: ${prerequisites.map((each) => `--allow-missing=${each.name}`).join(" ")}`,
    );
    process.exit(2);
  }
  allowed.add(name);
}

const missing = ensurePrerequisites(allowed);
for (const name of missing) console.log(`SKIPPED everything that needs ${name}`);
const environment = { ...process.env, MAILTIDE_TEST_MISSING: missing.join(",") };

ensureInstalled();
ensureBuilt();
for (const step of ["typecheck:tests", "format:check", "lint", "depcheck", "deadcode"]) {
  console.log(`\n== ${step}`);
  run("npm", ["run", "--silent", step]);
}
for (const project of ["unit", "integration"]) {
  console.log(`\n== ${project}`);
  run("npx", ["vitest", "run", "--project", project], { env: environment });
}
// The end-to-end tests wait for clocks more than they work: the scored days are played in what they leave.
console.log("\n== e2e, and beside it the scored days");
const days = runBeside("nice", ["-n", "10", "npm", "run", "--silent", "bench:incidents", "--", "--ci"]);
await runBeside("npx", ["vitest", "run", "--project", "e2e"], { env: environment, stdio: "inherit" });
await days;
