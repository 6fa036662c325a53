import { freezeAll, listens, need, processesOf, type RunningProgram, runProgram, signalAll, until } from "./process.ts";

/** A program whose children do the work. */
export interface RunningFamily {
  start(): Promise<void>;
  /** All of it, or only what talks to clients. */
  freeze(which?: "all" | "children"): void;
  thaw(): void;
  kill(): Promise<void>;
}

export interface FamilyOptions {
  readonly name: string;
  /** Of the shell, in a mount namespace of its own; the last becomes the program. */
  readonly steps: readonly string[];
  readonly port: number;
  isReady(): Promise<boolean>;
}

export async function startFamily({ name, steps, port, isReady }: FamilyOptions): Promise<RunningFamily> {
  let running: RunningProgram;
  const everybody = (): readonly number[] => processesOf(running.child.pid ?? 0);
  const start = async (): Promise<void> => {
    const shell = ["sh", "-c", steps.join("\n")];
    running = runProgram(need("unshare", "util-linux"), ["-m", "--propagation", "private", ...shell]);
    const ready = async (): Promise<boolean> => {
      if (running.child.exitCode !== null) throw new Error(`${name} ended: ${running.output()}`);
      return isReady();
    };
    await until(`${name} to be ready`, ready, { everyMs: 200 });
  };
  await start();
  return {
    start,
    freeze: (which = "all") => freezeAll(everybody().slice(which === "all" ? 0 : 1)),
    thaw: () => signalAll(everybody(), "SIGCONT"),
    async kill() {
      const [, ...children] = everybody();
      await running.stop("SIGKILL");
      signalAll(children, "SIGKILL");
      await until("the last child to be gone", async () => !(await listens(port)));
    },
  };
}
