// `npm test`: from a bare machine to a verdict. `-- --allow-missing=NAME` goes without a program and prints SKIPPED for it.
import { ensurePrerequisites, prerequisites } from "./prerequisites.mjs";
import { ensureBuilt, ensureInstalled, run } from "./workspace.mjs";

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
for (const project of ["unit", "integration", "e2e"]) {
  console.log(`\n== ${project}`);
  run("npx", ["vitest", "run", "--project", project], { env: environment });
}
// Not beside the end-to-end tests, though these mostly wait: how soon something is named is what they look at.
console.log("\n== incidents");
run("npm", ["run", "--silent", "bench:incidents", "--", "--ci"]);
