import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { runCli } from "../../src/cli/index.ts";
import { reportSchema } from "../../src/replay/report/schema.ts";
import { temporaryFolder, until } from "../real/process.ts";
import { writeSmallCapture } from "../small-capture.ts";

test("mailtide replay --serve writes its report first, then shows it until it is told to end", async () => {
  const folder = temporaryFolder("replay-served");
  const said: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((text: string) => void said.push(text));
  vi.stubEnv("MAILTIDE_PORT", "0");
  onTestFinished(() => {
    spy.mockRestore();
    vi.unstubAllEnvs();
    folder.remove();
  });
  const day = join(folder.path, "day");
  const file = join(folder.path, "report.json");
  await writeSmallCapture(day, "small day");
  const stop = new AbortController();
  const ended = runCli(["replay", day, "--serve", "--speed", "60", "--report", file], stop.signal);
  const url = await until("where it is served", () => /\(REPLAY\) on (http\S+)/.exec(said.join("\n"))?.[1]);
  expect((await fetch(new URL("/healthz", url))).ok).toBe(true);
  const report = reportSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  // The report is not paced: forty minutes at 60 would take longer than this test may.
  expect(report.run.elapsedSeconds).toBeLessThan(30);
  stop.abort();
  expect(await ended).toBe(0);
  expect(said.join("\n")).toContain(`The whole report: ${file}`);
});
