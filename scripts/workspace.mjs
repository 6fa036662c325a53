// What every script at the root shares: is the workspace installed and built, and if not, do it, visibly.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, "node_modules", ".cache", "mailtide");

/**
 * Runs a command with its output shown; exits the script in words when it fails. `hasUsage`: it exits with 2 when it was called
 * wrongly, and has said so itself.
 */
export function run(command, args, { hasUsage = false, ...options } = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) throw error;
  if (status === 2 && hasUsage) process.exit(2);
  if (status !== 0) {
    console.error(`mailtide: "${[command, ...args].join(" ")}" failed`);
    process.exit(status ?? 1);
  }
}

/** Ends a script that was called wrongly, before it does anything. */
export function misused(what, usage) {
  console.error(`mailtide: ${what}\n\nusage: ${usage}`);
  process.exit(2);
}

/** Installs packages when the lock file is not the one that was installed. */
export function ensureInstalled() {
  once("installed", digest([join(root, "package-lock.json")]), existsSync(join(root, "node_modules", "libsql")), () => {
    console.error("mailtide: installing packages (once)");
    // Not `npm ci`: it refuses the lock file as soon as one optional binary for a foreign platform is missing from it, which
    // happens whenever a registry publishes those later than the package that names them. This installs what is locked.
    run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], { stdio: ["ignore", 2, 2] });
  });
}

/** Builds server and client when a source is not the one that was built. */
export function ensureBuilt() {
  const built = existsSync(join(root, "server/packed/main.js")) && existsSync(join(root, "client/dist/index.html"));
  once("built", digest(sources()), built, () => {
    console.error("mailtide: building (once)");
    run("npm", ["run", "--silent", "build"], { stdio: ["ignore", 2, 2] });
  });
}

function once(name, wanted, present, work) {
  const stamp = join(stamps, name);
  if (present && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  work();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, wanted);
}

function sources() {
  const files = [
    "package-lock.json",
    "tsconfig.base.json",
    "scripts/pack.mjs",
    "client/vite.config.ts",
    "client/index.html",
  ].map((name) => join(root, name));
  for (const folder of ["shared/src", "server/src", "client/src", "client/public"]) collect(join(root, folder), files);
  return files.filter((file) => existsSync(file) && !/\.test\.tsx?$/.test(file)).sort();
}

function collect(folder, files) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) collect(join(folder, entry.name), files);
    else files.push(join(folder, entry.name));
  }
}

function digest(files) {
  const hash = createHash("sha256").update(process.version);
  for (const file of files) hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}
