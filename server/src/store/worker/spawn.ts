import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";

/** By their names they are found when the server is packed. */
export type WorkerName = `${string}-worker`;

/**
 * Starts the worker module `name` that stands beside the calling module: `name.js` from a build, `name.ts` from source
 * (tests and development). No two have the same name: packed (scripts/pack.mjs) they all stand in one folder. A worker inherits no TypeScript loader, so for source a few lines register tsx first; `--import tsx`
 * alone registers nothing inside a worker.
 */
export function spawnWorker(callerUrl: string, name: WorkerName, options: WorkerOptions = {}): Worker {
  if (!callerUrl.endsWith(".ts")) return new Worker(new URL(`./${name}.js`, callerUrl), options);
  const loader = pathToFileURL(join(dirname(createRequire(callerUrl).resolve("tsx/esm/api")), "index.mjs")).href;
  const module = new URL(`./${name}.ts`, callerUrl).href;
  const boot = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(module)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(boot)}`), options);
}
