// `npm run bench [-- NAME [ARGUMENT...]]`: that benchmark, or every one after the other; bench/RESULTS.md holds medians and the machine.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensurePrerequisites } from "./prerequisites.mjs";
import { ensureBuilt, ensureInstalled, misused, root, run } from "./workspace.mjs";

const [wanted, ...args] = process.argv.slice(2);
const all = readdirSync(join(root, "bench"))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.slice(0, -".ts".length))
  .sort();
if (wanted !== undefined && !all.includes(wanted))
  misused(`no benchmark "${wanted}"`, `npm run bench [-- NAME [ARGUMENT...]]\n  NAME: ${all.join(", ")}`);

ensurePrerequisites(new Set());
ensureInstalled();
ensureBuilt();
// Asks for a folder of cases, which the repository does not have.
const chosen = wanted === undefined ? all.filter((name) => name !== "mutate-cases") : [wanted];
for (const name of chosen) {
  console.log(`\n== ${name}`);
  run("npx", ["tsx", join("bench", `${name}.ts`), ...args], { hasUsage: true });
}
