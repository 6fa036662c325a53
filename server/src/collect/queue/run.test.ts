import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runListing } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "mailtide-listing-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string[], cwd?: string): Promise<void> =>
  runListing(
    command,
    AbortSignal.timeout(60_000),
    { piece: () => undefined, end: () => undefined, garbled: 0 },
    cwd === undefined ? {} : { cwd },
  );

test("what cannot be started is said in words: no such program, no such folder, no right", async () => {
  const script = join(folder, "mailq");
  writeFileSync(script, "#!/bin/sh\n", { mode: 0o600 });
  await expect(run(["mailtide-no-such-mta", "-bp"])).rejects.toThrow(/^there is no program mailtide-no-such-mta$/);
  await expect(run([script])).rejects.toThrow(`this user may not run ${script}`);
  await expect(run(["true"], join(folder, "none"))).rejects.toThrow(`there is no folder ${folder}/none`);
});
