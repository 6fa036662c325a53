// `npm run bench [-- NAME [ARGUMENT...]]`: that benchmark, or every one after the other; bench/RESULTS.md holds medians and the machine.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensurePrerequisites } from "./prerequisites.mjs";
import { ensureBuilt, ensureInstalled, root, run } from "./workspace.mjs";

ensurePrerequisites(new Set());
ensureInstalled();
ensureBuilt();
const [wanted, ...args] = process.argv.slice(2);
const all = readdirSync(join(root, "bench"))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.slice(0, -".ts".length))
  .sort();
// Asks for a folder of cases, which the repository does not have.
const chosen = wanted === undefined ? all.filter((name) => name !== "mutate-cases") : [wanted];
for (const name of chosen) {
  if (!all.includes(name)) {
    console.error(`mailtide: no benchmark "${name}"; there are ${all.join(", ")}`);
    process.exit(2);
  }
  console.log(`\n== ${name}`);
  run("npx", ["tsx", join("bench", `${name}.ts`), ...args]);
}
