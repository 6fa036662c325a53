import { type App, startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config/read.ts";
import { silentLogger } from "../../src/observe/logger.ts";

/** The whole server by a configuration file, in this process, without screens. What fails in it fails the test. */
export function startLiveApp(config: string, stateFolder: string): Promise<App> {
  return startApp({
    config: readConfig(config),
    mode: "live",
    stateFolder,
    clientFolder: null,
    logger: silentLogger,
    failed: (error) => {
      throw error;
    },
  });
}
