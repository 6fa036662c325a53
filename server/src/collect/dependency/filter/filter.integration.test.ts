import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { dependencyId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  freePort,
  need,
  runProgram,
  type RunningProgram,
  temporaryFolder,
  until,
} from "../../../../test/real/process.ts";
import type { ProbeObservation } from "../../../core/observation.ts";
import { filter } from "./index.ts";

const folder = temporaryFolder("clamd");
const running: RunningProgram[] = [];
let port: number;
beforeAll(async () => {
  port = await startClamd("EICAR-STANDARD-ANTIVIRUS-TEST-FILE");
});
afterAll(async () => {
  for (const program of running) await program.stop("SIGKILL");
  folder.remove();
});

/** A real clamd whose only signature is this text: its databases are not for tests to download. */
async function startClamd(signature: string): Promise<number> {
  const at = await freePort();
  const database = join(folder.path, `db-${at}`);
  mkdirSync(database);
  writeFileSync(join(database, "test.ndb"), `Mailtide.Test:0:*:${Buffer.from(signature).toString("hex")}\n`);
  const settings = [
    `DatabaseDirectory ${database}`,
    `TCPSocket ${at}`,
    "TCPAddr 127.0.0.1",
    "Foreground yes",
    "User root",
  ];
  const file = join(folder.path, `${at}.conf`);
  writeFileSync(file, `${settings.join("\n")}\nMaxThreads 4\n`);
  running.push(runProgram(need("clamd", "clamav-daemon"), ["-c", file]));
  await until("clamd to answer", async () => (await look({ port: at })).ok, { everyMs: 200 });
  return at;
}

async function look(options: object): Promise<ProbeObservation> {
  const config = filter.config.parse({ kind: "clamd", deadline: "20s", ...options });
  const probe = filter.create(config, { id: dependencyId("scanner") });
  const { observations } = await probe.poll(AbortSignal.timeout(120_000));
  await probe.stop();
  return observations[0] as ProbeObservation;
}

test("a real clamd answers, looks at a mail, finds the test file and tells its queue", async () => {
  const seen = await look({ port, scan: true, virus: true });
  expect(seen).toMatchObject({ ok: true, details: { filterQueue: 0, connectionsMax: 4 } });
});

test("one without signatures answers its ping all the same, and is found out", async () => {
  const blind = await startClamd("something that is nowhere");
  expect(await look({ port: blind, scan: true })).toMatchObject({ ok: true });
  const seen = await look({ port: blind, virus: true });
  expect(seen.error).toContain(": finds nothing in the EICAR test file: its signatures are missing");
  expect(seen.details?.filterQueue).toBe(0);
});

test("one that takes every mail for a virus, and one that is stopped, are named", async () => {
  const wild = await startClamd("Mailtide asks");
  expect((await look({ port: wild, scan: true })).error).toMatch(
    /: answers "stream: Mailtide\.Test\S* FOUND" to a harmless mail$/,
  );
  running[0]?.child.kill("SIGSTOP");
  expect((await look({ port, deadline: "1s" })).error).toContain(": no answer within 1 s (ping)");
  running[0]?.child.kill("SIGCONT");
});
