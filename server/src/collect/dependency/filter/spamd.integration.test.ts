import { dependencyId } from "@mailtide/shared";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { asked } from "../../../../test/real/probing.ts";
import { until } from "../../../../test/real/process.ts";
import { type RunningSpamd, startSpamd } from "../../../../test/real/spamd.ts";
import { filter } from "./index.ts";

let spamd: RunningSpamd;
beforeAll(async () => {
  // To which our mail is spam: what a filter thinks of a mail is its own business, as long as it looks.
  spamd = await startSpamd({ rules: ["body MAILTIDE /Mailtide asks/", "score MAILTIDE 1000"] });
});
afterEach(() => spamd.thaw());
afterAll(() => spamd?.stop());

const probe = (options: object) =>
  filter.create(filter.config.parse({ kind: "spamd", every: "1s", deadline: "20s", ...options }), {
    id: dependencyId("scanner"),
  });
const look = async (options: object) => asked(probe({ port: spamd.port, ...options }));

test("a real spamd answers and looks at a mail, whatever it thinks of it", async () => {
  expect(spamd.check("Subject: x\n\nMailtide asks\n")).toMatch(/^100\d/u);
  expect(await look({})).toMatchObject({ ok: true, type: "filter" });
  expect(await look({ scan: true })).toMatchObject({ ok: true });
});

test("children that hang, or all of it: named by what was asked", async () => {
  for (const which of ["children", "all"] as const) {
    spamd.freeze(which);
    expect((await look({ scan: true, deadline: "1s" })).error).toContain(": no answer within 1 s (ping)");
    spamd.thaw();
    await until("it answers again", async () => (await look({ scan: true })).ok);
  }
});

test("one that lets nobody in but another host hangs up", async () => {
  const strict = await startSpamd({ allowed: "192.0.2.1" });
  try {
    expect((await look({ port: strict.port })).error).toContain(": hung up without an answer to a ping");
  } finally {
    await strict.stop();
  }
});

test("killed: refused, asked less and less; started again: well", async () => {
  await spamd.kill();
  const ask = probe({ port: spamd.port, scan: true });
  const pauses: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    expect((await asked(ask)).error).toContain(": connection refused");
    pauses.push(ask.everySeconds);
  }
  expect(pauses).toEqual([1, 1, 2]);
  await spamd.start();
  expect(await asked(ask)).toMatchObject({ ok: true });
});
