import { runCli } from "./cli/index.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // A second signal is somebody who will not wait.
  process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
}
process.exitCode = await runCli(process.argv.slice(2), stop.signal);
// Everything was closed in order; whatever still holds the loop must not keep a terminal waiting.
setTimeout(() => process.exit(), 3_000).unref();
