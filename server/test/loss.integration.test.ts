import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type LosingNetwork, startLosingNetwork } from "./real/loss.ts";
import { causesOf } from "./real/probing.ts";
import { until } from "./real/process.ts";

let network: LosingNetwork;
beforeAll(async () => {
  network = await startLosingNetwork();
});
afterEach(() => network.rules());
afterAll(() => network?.stop());

const times = { every: "1s", deadline: "1s" };
/** What is said begins with where it was tried. */
const at = (port: number, words: string): RegExp =>
  new RegExp(`^(?:[\\w ]+ at )?127\\.0\\.0\\.1:${port}: ${words}`, "u");
const errorOf = async (type: string, config: object) => (await network.ask(type, { ...times, ...config })).seen.error;
const well = (type: string, config: object): Promise<true> =>
  until(`${type} to answer`, async () => (await errorOf(type, config)) === undefined);
const wellAgain = async (type: string, config: object): Promise<void> => {
  network.rules();
  await well(type, config);
};

test("a resolver that drops packets: all, a half, only those by TCP, those of its authority", async () => {
  const authority = await network.serve("authority");
  const port = await network.serve("resolver");
  const resolver = `127.0.0.1:${port}`;
  const names = [{ name: "good.test" }, { name: "mx1.good.test", record: "A" }];
  await well("dns", { resolver, names });

  network.rules(`udp dport ${port} drop`);
  const { seen } = await network.ask("dns", { ...times, resolver, names });
  expect(seen.error).toBe(`${resolver} does not answer`);
  await until(
    "one that is over in time",
    async () => (await network.ask("dns", { ...times, resolver, names })).seen.latencySeconds < 2,
  );
  expect(causesOf(seen)).toEqual(["dns-failure"]);
  // A firewall that says so is told apart.
  network.rules(`udp dport ${port} reject`);
  expect(await errorOf("dns", { resolver, names })).toBe(`${resolver} says connection refused to every name`);
  // The first question of each is lost, its repetition comes through.
  network.rules(`udp dport ${port} numgen inc mod 4 < 2 drop`);
  await well("dns", { resolver, names });

  const large = { resolver, deadline: "4s", names: [{ name: "large.good.test", record: "TXT" }, ...names] };
  await wellAgain("dns", large);
  network.rules(`tcp dport ${port} drop`);
  expect(await errorOf("dns", large)).toBe(`${resolver}: TXT large.good.test: no answer`);

  network.rules(`udp dport ${authority} drop`, `tcp dport ${authority} drop`);
  expect(await errorOf("dns", { resolver, names })).toBe(`${resolver} does not answer`);
  await wellAgain("dns", { resolver, names });
});

test("a server that is behind a firewall which drops is a time-out, behind one that rejects a refusal", async () => {
  const port = await network.serve("smtp");
  const hop = { host: "127.0.0.1", port };
  const filter = { ...hop, kind: "clamd" };
  const urls = Object.fromEntries(
    ["http", "ldap", "redis"].map((type) => [type, { url: `${type}://127.0.0.1:${port}` }]),
  );
  const all: Readonly<Record<string, object>> = { tcp: hop, smtp: hop, certificate: hop, filter, ...urls };
  for (const [type, config] of Object.entries(all)) {
    network.rules(`tcp dport ${port} drop`);
    expect(await errorOf(type, config), type).toMatch(at(port, "no answer within 1 s"));
    network.rules(`tcp dport ${port} reject with tcp reset`);
    expect(await errorOf(type, config), type).toMatch(at(port, "connection refused"));
  }
  await wellAgain("tcp", hop);
});

test("an SMTP server whose packets are lost in the middle of the conversation: the step is named", async () => {
  const port = await network.serve("smtp");
  const hop = { host: "127.0.0.1", port, recipient: "user@own.test" };
  await well("smtp", hop);
  // More than 20 bytes of IP and 32 of TCP say something; those that open a connection come through.
  network.rules(`tcp sport ${port} meta length > 52 tcp flags & syn == 0 drop`);
  expect(await errorOf("smtp", hop)).toBe(`127.0.0.1:${port}: no answer within 1 s (the greeting)`);
  network.rules(`tcp dport ${port} meta length > 52 tcp flags & syn == 0 drop`);
  expect(await errorOf("smtp", hop)).toBe(`127.0.0.1:${port}: no answer within 1 s (EHLO)`);
  await wellAgain("smtp", hop);
});

test.each([
  ["postgres", "postgres", (port: number) => ({ url: `postgres://postgres@127.0.0.1:${port}/postgres` })],
  ["mysql", "mysql", (port: number) => ({ url: `mysql://root@127.0.0.1:${port}/mysql` })],
  ["redis", "redis", (port: number) => ({ url: `redis://127.0.0.1:${port}` })],
])(
  "%s: a kept connection falls into a black hole; a new one too; and all is well when packets flow",
  async (_, type, configOf) => {
    const port = await network.serve(type);
    const config = configOf(port);
    await well(type, config);
    network.rules(`tcp dport ${port} drop`, `tcp sport ${port} drop`);
    const errors = [await errorOf(type, config), await errorOf(type, config)];
    for (const error of errors) expect(error).toMatch(at(port, "no answer within 1 s"));
    await wellAgain(type, config);
    network.rules(`tcp dport ${port} reject with tcp reset`);
    await until(`${type} to be refused`, async () => /refuse/u.test((await errorOf(type, config)) ?? ""));
    await wellAgain(type, config);
  },
);
