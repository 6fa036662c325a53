// Commands that run beside others. None outlives the program that started it.
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { root } from "./workspace.mjs";

/** Each leads a group of its own: what it has started ends with it. */
const groups = new Set();
process.on("exit", () => {
  for (const group of groups) process.kill(-group, "SIGTERM");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/**
 * What a command came to. `isShown`: it prints where this program does; else what it printed is `text`, at its end.
 * `isPatient`: it has what time of the processors others leave, so it must not look at how long something takes.
 */
export function start(command, args, { isShown = false, isPatient = false, env = process.env } = {}) {
  const beganMs = performance.now();
  const output = isShown ? "inherit" : "pipe";
  const child = spawn(command, args, { cwd: root, env, detached: true, stdio: ["ignore", output, output] });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => {
      groups.add(child.pid);
      if (isPatient) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    });
    child.once("close", (status) => {
      groups.delete(child.pid);
      resolve({ ok: status === 0, tookMs: performance.now() - beganMs, text: Buffer.concat(chunks).toString("utf8") });
    });
  });
}
