import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningPostfix } from "./postfix.ts";
import { freePort, runProgram, until } from "./process.ts";
import { unpacked } from "./unpacked.ts";

/** Debian's prometheus-postfix-exporter beside a Postfix. */
export async function startPostfixExporter(
  postfix: Pick<RunningPostfix, "configFolder" | "logPath">,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const spool = /^queue_directory\s*=\s*(\S+)/m.exec(readFileSync(join(postfix.configFolder, "main.cf"), "utf8"))?.[1];
  if (spool === undefined) throw new Error("this Postfix has no spool of its own");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/metrics`;
  const program = runProgram(join(unpacked("postfix-exporter"), "usr/bin/prometheus-postfix-exporter"), [
    `--web.listen-address=127.0.0.1:${port}`,
    `--postfix.showq_path=${join(spool, "public/showq")}`,
    `--postfix.logfile_path=${postfix.logPath}`,
  ]);
  try {
    await until("the exporter to answer", async () => (await fetch(url).catch(() => null))?.ok === true);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return { url, stop: () => program.stop() };
}
