// `npm run bench`: every benchmark, one after the other; bench/RESULTS.md holds medians and the machine.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensurePrerequisites } from "./prerequisites.mjs";
import { ensureBuilt, ensureInstalled, root, run } from "./workspace.mjs";

ensurePrerequisites(new Set());
ensureInstalled();
ensureBuilt();
const wanted = process.argv.slice(2);
const all = readdirSync(join(root, "bench"))
  .filter((name) => name.endsWith(".ts"))
  .sort();
for (const name of all.filter((each) => wanted.length === 0 || wanted.some((word) => each.includes(word)))) {
  console.log(`\n== ${name}`);
  run("npx", ["tsx", join("bench", name)]);
}
