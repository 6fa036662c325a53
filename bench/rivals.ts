// How much processor time Mailtide takes for a log, beside the report that Debian has for it (pflogsumm, eximstats) and
// beside a plain readline loop with one regular expression for each kind of line. Each is a process of its own on one core
// (start-up counts), in turn, the order reversed every other round; ratios are of the medians of the same run.
// usage: tsx bench/rivals.ts [postfix|exim] [ROUNDS] [LOG]     LOG: an unpacked Postfix or Exim log instead of the simulated one
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { cpuTime, median, pinned } from "./support/cpu-time.ts";
import { simulatedDay } from "./support/day.ts";
import { writeEximLog } from "./support/exim-log.ts";
import { rival } from "./support/rival.ts";

const [wanted = "", rounds = "3", given] = process.argv.slice(2);
const eximLines = 6_000_000;
const child = (name: string): string => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
const node = (name: string, ...args: string[]): string[] => [process.execPath, child(name), ...args];

if (wanted !== "exim") {
  // A recording of both hosts: what a program has to do once, to start and to compile itself, should not be what is measured.
  const logs = given === undefined ? [await keptDay("mx1"), await keptDay("mx2")] : [given];
  const { command, version } = rival("pflogsumm", [
    "pflogsumm",
    "libdate-calc-perl",
    "libcarp-clan-perl",
    "libbit-vector-perl",
  ]);
  await compare("postfix", logs, `pflogsumm ${version}`, [...command, ...logs]);
}
if (wanted !== "postfix") {
  const log = given ?? (await kept(`mailtide-bench-exim-${eximLines}.log`, (path) => writeEximLog(path, eximLines)));
  const { command, version } = rival("eximstats", ["exim4-base"]);
  await compare("exim", [log], `eximstats ${version}`, [...command, "-nr", log]);
}

async function compare(
  mta: string,
  logs: readonly string[],
  rivalName: string,
  rivalCommand: readonly string[],
): Promise<void> {
  const capture = await asCapture(mta, logs);
  const contenders = new Map<string, readonly string[]>([
    ["pipeline", node("mailtide.mjs", "pipeline", capture, mta)],
    ["whole", node("mailtide.mjs", "whole", capture, mta)],
    ["parse", node("mailtide.mjs", "parse", mta, ...logs)],
    ["loop", node("loops.mjs", mta, ...logs)],
    [rivalName, rivalCommand],
  ]);
  const seconds = new Map([...contenders.keys()].map((name): [string, number[]] => [name, []]));
  let lines = 0;
  for (let round = 0; round < Number(rounds); round++) {
    const turn = [...contenders];
    if (round % 2 === 1) turn.reverse();
    for (const [name, command] of turn) {
      const { cpuSeconds, said } = cpuTime(command);
      seconds.get(name)?.push(cpuSeconds);
      const told = /^\{"lines":(\d+),"understood":(\d+)/.exec(said);
      if (told !== null) {
        lines = Number(told[1]);
        if (Number(told[2]) < 0.97 * lines) throw new Error(`${name} understood ${told[2]} of ${lines} lines`);
      }
      console.log(`${mta} ${name}: ${cpuSeconds.toFixed(1)} s`);
    }
  }
  const of = (name: string): number => median(seconds.get(name) ?? []);
  console.log(`\n${mta}, ${lines} lines, ${pinned === "" ? "not pinned" : "one core"}, processor time:`);
  for (const name of contenders.keys())
    console.log(
      `  ${name.padEnd(22)} ${of(name).toFixed(1).padStart(6)} s  ${Math.round(lines / of(name) / 1_000)} k lines/s  (${(seconds.get(name) ?? []).map((each) => each.toFixed(1)).join(" ")})`,
    );
  const times = (slow: string, fast: string): string => `${(of(slow) / of(fast)).toFixed(2)} x`;
  const beside = (name: string): string => `${times(rivalName, name)} ${rivalName}, ${times("loop", name)} the loop`;
  console.log(`  pipeline (read, parse, correlate, sources, windows): ${beside("pipeline")}`);
  console.log(`  whole (delay, rules and alerts of each second too): ${beside("whole")}`);
  console.log(`  parse alone: ${times("loop", "parse")} the loop, ${times(rivalName, "parse")} ${rivalName}`);
}

/** A recording with these logs alone, each of a host. */
async function asCapture(mta: string, logs: readonly string[]): Promise<string> {
  const folder = join(tmpdir(), `mailtide-bench-capture-${mta}`);
  await rm(folder, { recursive: true, force: true });
  const yaml = ["version: 1", `name: ${mta}`, "timezone: America/Chicago", "year: 2013", "simulated: true", "nodes:"];
  for (const [at, log] of logs.entries()) {
    const id = `mx${at + 1}`;
    await mkdir(join(folder, id), { recursive: true });
    await symlink(log, join(folder, id, "mail.log"));
    yaml.push(
      `  - id: ${id}`,
      `    mta: ${mta}`,
      "    ownHops: [127.0.0.0/8]",
      "    ownDomains: [acacia-legal.example]",
    );
  }
  await writeFile(join(folder, "capture.yaml"), `${yaml.join("\n")}\n`);
  return folder;
}

/** Made once and kept among the temporary files. */
async function kept(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(tmpdir(), name);
  if (existsSync(path)) return path;
  await make(`${path}.begun`);
  await rename(`${path}.begun`, path);
  return path;
}

/** One host of the simulated day: about 4 million lines. */
function keptDay(host: string): Promise<string> {
  return kept(`mailtide-bench-postfix-${host}.log`, async (path) => {
    const packed = join(await simulatedDay(), host, "mail.log.gz");
    await pipeline(createReadStream(packed), createGunzip(), createWriteStream(path));
  });
}
