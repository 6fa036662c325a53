// A built Mailtide that dies by SIGKILL at the n-th time it reaches a named point: node child.mjs CONFIG STATE POINT N
import { startApp } from "../../dist/app.js";
import { readConfig } from "../../dist/config/read.js";
import { createLogger } from "../../dist/observe/logger.js";

const [configPath, stateFolder, fatal, times] = process.argv.slice(2);
let left = Number(times);
const app = await startApp({
  config: readConfig(configPath),
  mode: "live",
  stateFolder,
  clientFolder: null,
  logger: createLogger({ level: "warn" }),
  checkpointEveryMs: 2_000,
  point(name) {
    if (name !== fatal || --left > 0) return;
    process.kill(process.pid, "SIGKILL");
    // The signal ends the process before this loop has gone round.
    for (;;);
  },
  failed(error) {
    console.error(error);
    process.exit(1);
  },
});
console.log("started");
process.on("SIGTERM", () => void app.close().then(() => process.exit(0)));
