import { ConfigError } from "../config/error.ts";
import { readConfig } from "../config/read.ts";
import type { Logger } from "../observe/logger.ts";

/**
 * What a service is told by `kill -HUP`, as log rotation and `systemctl reload` do: it neither ends nor takes another
 * configuration while it runs, and says whether the file would be taken at the next start. Whose terminal goes away ends.
 * Returns what gives the signal back.
 */
export function minded(path: string | null, logger: Logger): () => void {
  const hungUp = (): void => {
    if (process.stdout.isTTY) process.kill(process.pid, "SIGTERM");
    else atHangUp(path, logger);
  };
  process.on("SIGHUP", hungUp);
  return () => void process.off("SIGHUP", hungUp);
}

function atHangUp(path: string | null, logger: Logger): void {
  if (path === null) return logger.info("SIGHUP: there is no configuration to look at; it runs on");
  try {
    readConfig(path);
    logger.info("SIGHUP: the configuration is valid and is taken at the next start; it runs on as it was started", {
      path,
    });
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [String(error)];
    logger.warn("SIGHUP: the configuration is not valid and would stop the next start; it runs on as it was started", {
      problems,
    });
  }
}
