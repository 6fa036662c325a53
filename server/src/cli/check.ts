import { ConfigError, findConfig, readConfig } from "../config/read.ts";
import { logTimes } from "../doctor/examine/log-times.ts";
import { createPatient } from "../doctor/patient.ts";
import { tryAll } from "../doctor/try-all.ts";
import { oneLine } from "../doctor/report.ts";
import { agentSettings } from "./agent.ts";
import { withProgress } from "./progress.ts";
import { mustBeServable } from "./serve.ts";

/** Validates the configuration, a server's or an agent's, and tries everything that it names; one line each, in words. */
export async function check({ config: flag }: { readonly config?: string }): Promise<number> {
  const path = findConfig(flag, process.env, process.cwd());
  if (path === null)
    throw new ConfigError(["no configuration: give --config, or write mailtide.yaml (see mailtide.example.yaml)"]);
  const config = readConfig(path);
  if (config.agent !== undefined) agentSettings(config, path);
  mustBeServable(config, path);
  console.log(oneLine({ verdict: "ok", what: path, says: "valid" }));

  const tried = await withProgress("Trying", (progress) => tryAll(config, (share, what) => progress.at(share, what)));
  // A log that answers and is read in a wrong zone, or is another program's, is not well.
  const logs = await logTimes(createPatient({ config, configPath: path, stateFolder: "." }));
  const found = [...tried, ...logs.filter(({ verdict }) => verdict === "FAILS" || verdict === "missing")];
  for (const finding of found) console.log(oneLine(finding));
  if (config.notify.length === 0 && config.agent === undefined)
    console.log(oneLine({ verdict: "note", what: "notify", says: "nobody is paged: no notifier is configured" }));
  return found.some(({ verdict }) => verdict === "FAILS") ? 1 : 0;
}
