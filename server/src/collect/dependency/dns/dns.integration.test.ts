import { dependencyId } from "@mailtide/shared";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type RealDns, startBlackHole, startNsd, startUnbound } from "../../../../test/real/dns.ts";
import { asked, causesOf } from "../../../../test/real/probing.ts";
import { until } from "../../../../test/real/process.ts";
import type { PollCollector } from "../../collector.ts";
import { dns } from "./index.ts";

const long = Array.from({ length: 12 }, (_, at) => `large TXT "${String(at).padStart(3, "0").repeat(80)}"`).join("\n");
let authority: RealDns;
let resolver: RealDns;
let blackHole: Awaited<ReturnType<typeof startBlackHole>>;

beforeAll(async () => {
  authority = await startNsd({
    "good.test": `@ MX 10 mx1\n@ MX 20 mx2\n@ TXT "v=spf1 -all"\nmx1 A 192.0.2.1\nempty A 192.0.2.9\n${long}`,
    "2.0.192.in-addr.arpa": "1 PTR mx1.good.test.",
  });
  blackHole = await startBlackHole();
  resolver = await startUnbound({
    "good.test": authority.port,
    "2.0.192.in-addr.arpa": authority.port,
    "silent.test": blackHole.port,
    // NSD refuses what it is not the authority of.
    "lame.test": authority.port,
  });
});
afterEach(() => {
  authority.thaw();
  resolver.thaw();
});
afterAll(async () => {
  await Promise.all([authority.stop(), resolver.stop(), blackHole.stop()]);
});

type Names = readonly Readonly<Record<string, unknown>>[];
const well: Names = [{ name: "good.test" }];

const probe = (names: Names, port = resolver.port, deadline = "5s"): PollCollector =>
  dns.create(dns.config.parse({ resolver: `127.0.0.1:${port}`, names, every: "1s", deadline }), {
    id: dependencyId("resolver-1"),
  });
/** Without the resolver that the names are asked of. */
const errorOf = async (names: Names, port?: number, deadline?: string) =>
  (await asked(probe(names, port, deadline))).error?.replace(/^127\.0\.0\.1:\d+: /u, "");

test("names of every kind are found, with their latency", async () => {
  const seen = await asked(
    probe([
      { name: "good.test", record: "MX", expect: ["mx1.good.test", "MX2.good.test."] },
      { name: "good.test", record: "TXT", expect: ["v=spf1 -all"] },
      { name: "mx1.good.test", record: "A", expect: ["192.0.2.1"] },
      { name: "good.test", record: "NS" },
      { name: "192.0.2.1", record: "PTR", expect: ["mx1.good.test"] },
    ]),
  );
  expect(seen).toMatchObject({ ok: true, type: "dns" });
  expect(seen.latencySeconds).toBeGreaterThan(0);
});

test("a wrong answer, no such record and no such name are told apart", async () => {
  expect(await errorOf([{ name: "good.test", expect: ["mx3.good.test"] }, ...well])).toMatch(
    /^MX good\.test: mx3\.good\.test is not among the answers \(mx[12]\.good\.test, mx[12]\.good\.test\)$/u,
  );
  expect(await errorOf([{ name: "empty.good.test" }, ...well])).toBe("MX empty.good.test: no such record");
  expect(await errorOf([{ name: "none.good.test" }, ...well])).toBe("MX none.good.test: NXDOMAIN");
});

test("a name whose authority is silent fails by its name, and the others are seen to be well", async () => {
  const failing = await asked(probe([{ name: "silent.test" }, ...well], resolver.port, "4s"));
  expect(failing).toMatchObject({ ok: false, error: `127.0.0.1:${resolver.port}: MX silent.test: no answer` });
});

test("SERVFAIL for one name whose authority refuses it; REFUSED by an authority that is asked itself", async () => {
  expect(await errorOf([{ name: "lame.test" }, ...well])).toBe("MX lame.test: SERVFAIL");
  expect(await errorOf([{ name: "lame.test" }, ...well], authority.port)).toBe("MX lame.test: REFUSED");
  expect(await errorOf([{ name: "lame.test" }, { name: "other.test" }], authority.port)).toBe(
    `127.0.0.1:${authority.port} says REFUSED to every name`,
  );
});

test("many failing names: four are named, the rest counted", async () => {
  const names = Array.from({ length: 7 }, (_, at) => ({ name: `n${at}.good.test` }));
  expect(await errorOf([...names, ...well])).toMatch(
    /^MX n0\.good\.test: NXDOMAIN; .*n3\.good\.test: NXDOMAIN and 3 more$/u,
  );
});

test("an answer that does not fit UDP comes over TCP; where TCP is refused that is said", async () => {
  const large: Names = [{ name: "large.good.test", record: "TXT" }, ...well];
  expect(await errorOf(large)).toBeUndefined();
  const udpOnly = await startUnbound(
    { "good.test": authority.port },
    { "tcp-upstream": "yes", "incoming-num-tcp": "0" },
  );
  try {
    expect(await errorOf(large, udpOnly.port)).toBe(
      "TXT large.good.test: the answer does not fit UDP, and TCP is refused",
    );
  } finally {
    await udpOnly.stop();
  }
});

test("a resolver that is stopped does not answer; one that hangs behind its authority says so of all names", async () => {
  resolver.freeze();
  const hung = await asked(probe([{ name: "mx1.good.test", record: "A" }, ...well], resolver.port, "2s"));
  expect(hung.error).toBe(`127.0.0.1:${resolver.port} does not answer`);
  expect(causesOf(hung)).toEqual(["dns-failure"]);
  expect(hung.latencySeconds).toBeGreaterThan(1);
  resolver.thaw();
  authority.freeze();
  expect(await errorOf(well, resolver.port, "2s")).toBe(`127.0.0.1:${resolver.port} does not answer`);
  authority.thaw();
  await until("the names to be found again", async () => (await errorOf(well, resolver.port, "2s")) === undefined);
});

test("killed: refused, asked less and less; started again: well, and asked as before", async () => {
  const other = await startUnbound({ "good.test": authority.port });
  const ask = probe(well, other.port, "1s");
  await other.kill();
  const pauses: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    expect((await asked(ask)).error).toBe(`127.0.0.1:${other.port} says connection refused to every name`);
    pauses.push(ask.everySeconds);
  }
  expect(pauses).toEqual([1, 1, 2, 3]);
  await other.start();
  expect((await asked(ask)).ok).toBe(true);
  expect(ask.everySeconds).toBe(1);
  await other.stop();
});
