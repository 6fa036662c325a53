// `npm run bench:incidents`: holds what Mailtide says on real days against what truly happened. See docs/score.md.
import { join } from "node:path";
import { ensureBuilt, ensureInstalled, root, run } from "./workspace.mjs";

ensureInstalled();
ensureBuilt();
run(process.execPath, ["--import", "tsx", join("bench", "incidents", "main.ts"), ...process.argv.slice(2)], {
  cwd: root,
  hasUsage: true,
});
