import { readFileSync } from "node:fs";
import { dependencyId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asked } from "../../../../test/real/probing.ts";
import { until } from "../../../../test/real/process.ts";
import { type RunningRspamd, startRspamd } from "../../../../test/real/rspamd.ts";
import { filter } from "./index.ts";

let rspamd: RunningRspamd;
beforeAll(async () => {
  // To which every mail is spam: what a filter thinks of a mail is its own business, as long as it looks.
  rspamd = await startRspamd({ "actions.conf": "reject = -1000;\nadd_header = -1000;\ngreylist = -1000;\n" });
});
afterAll(() => rspamd?.stop());

const probe = (options: object) =>
  filter.create(filter.config.parse({ kind: "rspamd", every: "1s", deadline: "20s", ...options }), {
    id: dependencyId("scanner"),
  });
const look = async (options: object) => asked(probe({ port: rspamd.normalPort, ...options }));

test("a real rspamd answers and looks at a mail, whatever it thinks of it", async () => {
  expect(await look({})).toMatchObject({ ok: true, type: "filter" });
  expect(await look({ scan: true })).toMatchObject({ ok: true });
  const verdict = /id: <mailtide-probe@localhost>.*\(default: T \(/u;
  await until("it is logged as spam", () => verdict.test(readFileSync(rspamd.logPath, "utf8")));
});

test("the other workers answer a ping too; the milter, which speaks something else, does not look at a mail", async () => {
  for (const port of [rspamd.controllerPort, rspamd.milterPort])
    expect(await look({ port })).toMatchObject({ ok: true });
  expect((await look({ port: rspamd.milterPort, scan: true })).error).toContain(
    ": hung up without an answer to a harmless mail",
  );
});

test("workers that hang, killed: named, and asked less and less", async () => {
  rspamd.freeze("workers");
  expect((await look({ scan: true, deadline: "1s" })).error).toContain(": no answer within 1 s (ping)");
  rspamd.thaw();
  await until("it answers again", async () => (await look({ scan: true })).ok);
  await rspamd.kill();
  const ask = probe({ port: rspamd.normalPort, scan: true });
  const pauses: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    expect((await asked(ask)).error).toContain(": connection refused");
    pauses.push(ask.everySeconds);
  }
  expect(pauses).toEqual([1, 1, 2]);
});
