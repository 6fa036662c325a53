import { dependencyId } from "@mailtide/shared";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type RunningAmavis, startAmavis } from "../../../../test/real/amavis.ts";
import { type RunningJournal, startJournald } from "../../../../test/real/journald.ts";
import { type RunningSink, startSink } from "../../../../test/real/postfix.ts";
import { asked, causesOf } from "../../../../test/real/probing.ts";
import { until } from "../../../../test/real/process.ts";
import { smtp } from "../smtp/index.ts";
import { filter } from "./index.ts";

let journal: RunningJournal;
let sink: RunningSink;
let amavis: RunningAmavis;
beforeAll(async () => {
  [journal, sink] = await Promise.all([startJournald(), startSink(undefined, ["-L"])]);
  amavis = await startAmavis({ returnPort: sink.port, journal });
});
afterEach(() => amavis.thaw());
afterAll(async () => {
  await Promise.all([amavis?.stop(), sink?.stop()]);
  await journal?.stop();
});

const id = { id: dependencyId("filter") };
const times = { host: "127.0.0.1", every: "1s", deadline: "20s" };
const probe = (options: object = {}) =>
  filter.create(filter.config.parse({ ...times, kind: "smtp", port: amavis.port, ...options }), id);
const look = async (options?: object) => asked(probe(options));
const hop = async (options: object = {}) =>
  asked(smtp.create(smtp.config.parse({ ...times, port: amavis.port, recipient: "user@own.test", ...options }), id));

test("a real amavis greets, and as a hop is talked to up to the recipient, by SMTP and by LMTP", async () => {
  for (const kind of ["smtp", "lmtp"]) expect(await look({ kind })).toMatchObject({ ok: true, type: "filter" });
  for (const lmtp of [false, true])
    expect(await hop({ lmtp })).toMatchObject({
      ok: true,
      details: { recipientSeconds: expect.any(Number) as number },
    });
});

test("what speaks LMTP only wants LHLO", async () => {
  expect(await look({ port: sink.port, kind: "lmtp" })).toMatchObject({ ok: true });
  expect(await hop({ port: sink.port, lmtp: true })).toMatchObject({ ok: true });
  for (const ask of [look, hop])
    expect((await ask({ port: sink.port })).error).toMatch(/: says 5\d\d .* to EHLO, for good$/u);
});

test("children that hang, or all of it: it does not greet; well again when they go on", async () => {
  for (const which of ["children", "all"] as const) {
    amavis.freeze(which);
    const hung = await look({ deadline: "1s" });
    expect(hung.error).toContain(": no answer within 1 s (the greeting)");
    expect(causesOf(hung)).toEqual(["filter-slow"]);
    amavis.thaw();
    await until("it answers again", async () => (await look()).ok);
  }
});

test("killed: refused; started again: well", async () => {
  await amavis.kill();
  expect((await look()).error).toContain(": connection refused");
  await amavis.start();
  expect(await look()).toMatchObject({ ok: true });
});
