import { statSync } from "node:fs";
import { findConfig, parseConfig, readConfig } from "../config/read.ts";
import { firstNode } from "../doctor/examine/coverage.ts";
import { examineAll } from "../doctor/examine-all.ts";
import { createPatient } from "../doctor/patient.ts";
import { report } from "../doctor/report.ts";
import { suggestion } from "../doctor/suggest.ts";
import { detectHost } from "../host/detect.ts";
import { agentSettings } from "./agent.ts";
import { stateFolderOf } from "./environment.ts";
import { withProgress } from "./progress.ts";
import { mustBeServable, withFlags } from "./serve.ts";
import { toned, wrapped } from "./wrapped.ts";

export interface DoctorOptions {
  readonly config?: string;
  readonly suggest?: boolean;
}

/** What works, what fails, and what would make Mailtide see more; without a configuration, for the host as it is found. */
export async function doctor({ config: flag, suggest }: DoctorOptions): Promise<number> {
  const named = findConfig(flag, process.env, process.cwd());
  // `--suggest > mailtide.yaml`: the shell has made the file before anybody looks for it.
  const path = suggest === true && named !== null && isEmpty(named) ? null : named;
  const host = path === null ? await detectHost() : null;
  const yaml = path === null ? (host?.yaml ?? "version: 1\n") : null;
  const config = withFlags(
    yaml === null && path !== null ? readConfig(path) : parseConfig(yaml ?? "", "this host"),
    {},
  );
  if (config.agent !== undefined) agentSettings(config, path ?? "this host");
  mustBeServable(config, path ?? "this host");

  const patient = createPatient({ config, configPath: path, stateFolder: stateFolderOf(config) });
  const found = await withProgress("Examining", (progress) =>
    examineAll(patient, (share, what) => progress.at(share, what)),
  );

  if (suggest === true) {
    const base = path === null ? (host?.yaml ?? ["version: 1", ...firstNode].join("\n")) : null;
    console.log(suggestion(found, base).trimEnd());
    return 0;
  }
  const isColoured = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  if (path === null) {
    const seen =
      host === null
        ? "No configuration, and no running Postfix or Exim here"
        : `No configuration: the ${host.found.join(" and the ")} of this host`;
    console.log(`${seen}. A mailtide.yaml to begin with: npx mailtide doctor --suggest > mailtide.yaml\n`);
  }
  for (const { text, indent, tone } of report(found))
    for (const line of indent === undefined ? [text] : wrapped(text, indent))
      console.log(isColoured ? toned(line, tone) : line);
  return found.some(({ verdict }) => verdict === "FAILS") ? 1 : 0;
}

function isEmpty(path: string): boolean {
  try {
    return statSync(path).size === 0;
  } catch {
    return false;
  }
}
