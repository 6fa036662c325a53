// `npm run soak`: what is too long for every change. Hostile input by the million; every named point of a crash, three times
// and more.
import { ensurePrerequisites } from "./prerequisites.mjs";
import { ensureBuilt, ensureInstalled, misused, run } from "./workspace.mjs";

const [unknown] = process.argv.slice(2);
if (unknown !== undefined)
  misused(`unknown argument ${unknown}`, "npm run soak\n  environment: MAILTIDE_SEED, MAILTIDE_CRASH_ROUNDS");

ensurePrerequisites(new Set());
ensureInstalled();
ensureBuilt();
// Every other run of properties takes values of its own; whoever has to see the same again states them.
const seed = process.env.MAILTIDE_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
console.error(`mailtide: MAILTIDE_SEED=${seed}`);
const env = { ...process.env, MAILTIDE_SEED: seed, MAILTIDE_CRASH_ROUNDS: process.env.MAILTIDE_CRASH_ROUNDS ?? "3" };
// Five million mangled lines and a hundred thousand listings; another seed is another five million.
const hostile = { MAILTIDE_FUZZ_LINES: "5000000", MAILTIDE_FUZZ_LISTINGS: "100000", ...env };
run("npx", ["vitest", "run", "--project", "unit", "server/src/collect/hostile"], { env: hostile });
run("npx", ["vitest", "run", "--project", "unit"], { env });
run("npx", ["vitest", "run", "--project", "integration", "server/test/crash"], { env });
run("npx", ["vitest", "run", "--project", "e2e"], { env });
