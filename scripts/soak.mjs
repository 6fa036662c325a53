// `npm run soak`: what is too long for every change. Every named point of a crash is hit three times and more.
import { ensurePrerequisites } from "./prerequisites.mjs";
import { ensureBuilt, ensureInstalled, run } from "./workspace.mjs";

ensurePrerequisites(new Set());
ensureInstalled();
ensureBuilt();
const env = { ...process.env, MAILTIDE_CRASH_ROUNDS: process.env.MAILTIDE_CRASH_ROUNDS ?? "3" };
run("npx", ["vitest", "run", "--project", "integration", "server/test/crash"], { env });
run("npx", ["vitest", "run", "--project", "e2e"], { env });
