import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { need, runProgram, temporaryFolder } from "../../test/real/process.ts";
import { parseConfig } from "../config/read.ts";
import { detectHost, logsToJournal } from "./detect.ts";

const folder = temporaryFolder("detect-host");
afterAll(() => folder.remove());

test("a running Exim becomes a node; what it may not see is said, and what would help", async () => {
  // Only the name of the program tells it; an Exim that belongs to the host is nobody's to start here.
  const exim = join(folder.path, "exim4");
  copyFileSync(need("sleep", "coreutils"), exim);
  // Of the machine's own programs it sees nothing: whoever runs the tests may have an Exim.
  const places = { processes: join(folder.path, "processes"), eximLogs: [join(folder.path, "mainlog")] };
  mkdirSync(places.processes);
  const path = process.env["PATH"];
  process.env["PATH"] = folder.path;
  onTestFinished(() => void (process.env["PATH"] = path));
  expect(await detectHost(places)).toBeNull();
  const running = runProgram(exim, ["60"]);
  try {
    const { pid } = running.child;
    symlinkSync(`/proc/${pid}`, join(places.processes, String(pid)));
    const host = await detectHost(places);
    expect(host?.found).toEqual(["Exim"]);
    const { nodes } = parseConfig(host?.yaml ?? "", "this host");
    const collected = nodes.flatMap(({ collect }) => collect.map(({ type }) => type));
    expect(collected).toContain("exim-log");
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
    expect(host?.problems.join("\n")).toMatch(/mainlog does not exist: set log_file_path/);
    // None on this path answers, so that its queue is not listed in vain.
    expect(collected).not.toContain("exim-queue");
    // Nor is a setting named that would not help.
    expect(host?.problems.join("\n")).toMatch(/does not list its queue .*: its queue is then known as far/);
  } finally {
    await running.stop("SIGKILL");
  }
});

const has = (path: string): boolean => path === "/run/systemd/journal/dev-log";
test("a Postfix whose log is nowhere in a file is read from the journal, where there is one", () => {
  expect(logsToJournal("", false, has)).toBe(true);
  expect(logsToJournal("", true, has)).toBe(false);
  expect(logsToJournal("/var/log/postfix.log", false, has)).toBe(false);
  expect(logsToJournal("", false, () => false)).toBe(false);
});
