import { execFile } from "node:child_process";
import type { Millis } from "@mailtide/shared";
import { environment, noProgram } from "./program.ts";

export type Ran = { readonly ok: true; readonly stdout: string } | { readonly ok: false; readonly why: string };

/**
 * Runs a program of this host that only tells something: no shell, at most 1 MiB of output, killed at the deadline. Never
 * throws; `why` is the last line of its complaint.
 */
export function run(program: string, args: readonly string[], deadlineMs: Millis = 5_000): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { timeout: deadlineMs, maxBuffer: 1 << 20, killSignal: "SIGKILL", env: environment() } as const;
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, stdout });
      else if (error.code === "ENOENT") resolve({ ok: false, why: noProgram(program) });
      else resolve({ ok: false, why: (stderr.trim().split("\n").at(-1) || error.message).slice(0, 200) });
    });
  });
}
