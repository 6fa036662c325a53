import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, runProgram, temporaryFolder, until } from "./process.ts";
import { unpacked } from "./unpacked.ts";

/** An own Haraka in a temporary folder, which relays everything to a port on loopback, but for what is below nowhere.test. */
export interface RunningHaraka {
  readonly port: number;
  /** `haraka -c DIR` and what follows. */
  command(...more: string[]): readonly [string, ...string[]];
  readonly queueFolder: string;
  readonly logPath: string;
  stop(): Promise<void>;
}

export async function startHaraka(
  format: "default" | "json" | "logfmt",
  nextHopPort: number,
  outbound = "",
  intervals = "1m,2m",
  /** Plugins that are asked before all others, each given a second. */
  more: Readonly<Record<string, string>> = {},
): Promise<RunningHaraka> {
  const home = join(unpacked("haraka"), "node_modules/Haraka");
  const program = join(home, "bin/haraka");
  const folder = temporaryFolder("haraka");
  const port = await freePort();
  const logPath = join(folder.path, "haraka.log");
  for (const name of ["config", "plugins", "queue"]) mkdirSync(join(folder.path, name));
  const files = {
    "config/plugins": [...Object.keys(more), "onward", "status", ""].join("\n"),
    "config/me": "mx.mailtide.test\n",
    "config/smtp.ini": `listen=127.0.0.1:${port}\nnodes=0\n`,
    "config/log.ini": `[main]\nlevel=INFO\ntimestamps=true\nformat=${format}\n`,
    "config/outbound.ini": `temp_fail_intervals=${intervals}\n${outbound}`,
    // It does not start a conversation without.
    "config/connection.ini": readFileSync(join(home, "config/connection.ini")),
    "plugins/onward.js": `
      exports.hook_rcpt = (next, connection) => { connection.relaying = true; next(OK); };
      exports.hook_get_mx = (next, mail, domain) =>
        domain.endsWith("nowhere.test") ? next(DENY) : next(OK, { exchange: "127.0.0.1", port: ${nextHopPort}, priority: 0 });
    `,
    ...Object.fromEntries(
      Object.entries(more).flatMap(([name, text]) => [
        [`plugins/${name}.js`, text],
        [`config/${name}.timeout`, "1"],
      ]),
    ),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  const line = `exec '${process.execPath}' '${program}' -c '${folder.path}' > '${logPath}' 2>&1`;
  const running = runProgram("sh", ["-c", line]);
  await until("Haraka to listen", () => readFileSync(logPath, "utf8").includes("Listening on"));
  return {
    port,
    command: (...more) => [process.execPath, program, "-c", folder.path, ...more],
    queueFolder: join(folder.path, "queue"),
    logPath,
    async stop() {
      await running.stop();
      folder.remove();
    },
  };
}
