import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { dependencyId } from "@mailtide/shared";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type CuttingRelay, type Ending, startCutting } from "../../../test/real/cutting.ts";
import { type Authority, makeAuthority } from "../../../test/real/certificates.ts";
import { asked } from "../../../test/real/probing.ts";
import { until } from "../../../test/real/process.ts";
import { reader, type RealSlapd, startSlapd, suffix } from "../../../test/real/slapd.ts";
import type { PollCollector } from "../collector.ts";
import { http } from "./http/index.ts";
import { ldap } from "./ldap/index.ts";

let authority: Authority;
let slapd: RealSlapd;
let site: Server;
const relays: CuttingRelay[] = [];
let directory: CuttingRelay;
let secure: CuttingRelay;
let web: CuttingRelay;

beforeAll(async () => {
  process.env["MAILTIDE_TEST_LDAP"] = reader.password;
  authority = makeAuthority();
  slapd = await startSlapd(authority.make());
  site = createServer((_request, response) => void response.end(`${"x".repeat(5_000)}the end`));
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  const { port } = site.address() as { port: number };
  for (const each of [slapd.port, slapd.tlsPort, port]) relays.push(await startCutting(each));
  [directory, secure, web] = relays as [CuttingRelay, CuttingRelay, CuttingRelay];
});
afterEach(() => {
  for (const relay of relays) relay.cutAfter(Number.POSITIVE_INFINITY, "closed");
});
afterAll(async () => {
  for (const relay of relays) relay.stop();
  site.closeAllConnections();
  site.close();
  await slapd.stop();
  authority.remove();
});

const patient = { every: "1s", deadline: "20s" };
const hasty = { every: "1s", deadline: "2s" };

function overLdap(more: Readonly<Record<string, unknown>> = {}): PollCollector {
  const bind = { dn: reader.dn, password: { env: "MAILTIDE_TEST_LDAP" } };
  const search = { base: `ou=people,${suffix}` };
  const given = { url: `ldap://127.0.0.1:${directory.port}`, bind, search, ...patient, ...more };
  return ldap.create(ldap.config.parse(given), { id: dependencyId("directory") });
}

function overHttp(more: Readonly<Record<string, unknown>> = {}): PollCollector {
  const given = { url: `http://127.0.0.1:${web.port}/`, contains: "the end", ...patient, ...more };
  return http.create(http.config.parse(given), { id: dependencyId("api") });
}

const tls = (): Readonly<Record<string, unknown>> => ({ ca: authority.caPath, startTls: true });
const tlsAtOnce = (): Readonly<Record<string, unknown>> => ({
  ca: authority.caPath,
  url: `ldaps://127.0.0.1:${secure.port}`,
});

/** The answers to a bind and to StartTLS are 14 bytes long, a TLS server says more than 1,000 before it is believed. */
const places = [
  ["a bind", 5, "the bind", (times) => [overLdap(times), directory]],
  ["a search, between two entries", 60, "the search", (times) => [overLdap(times), directory]],
  ["StartTLS", 5, "StartTLS", (times) => [overLdap({ ...tls(), ...times }), directory]],
  ["the handshake after it", 100, "StartTLS", (times) => [overLdap({ ...tls(), ...times }), directory]],
  ["the handshake of ldaps", 100, "the bind", (times) => [overLdap({ ...tlsAtOnce(), ...times }), secure]],
  ["the head of an answer by HTTP", 30, "the answer", (times) => [overHttp(times), web]],
  ["its body", 2_000, "the rest of the answer", (times) => [overHttp(times), web]],
] as const satisfies [string, number, string, (times: typeof patient) => [PollCollector, CuttingRelay]][];
const endings = ["closed", "silent", "reset"] as const satisfies Ending[];

test.each(places.flatMap((place) => endings.map((ending) => [...place, ending] as const)))(
  "in the middle of %s, after %i bytes: said with the step (%s), in time, and nothing stays open",
  async (_name, bytes, step, make, ending) => {
    // Only one that is silent is given up, and not because the machine takes its time.
    const [probe, relay] = make(ending === "silent" ? hasty : patient);
    relay.cutAfter(bytes, ending);
    const { ok, error, latencySeconds } = await asked(probe);
    expect(ok).toBe(false);
    if (ending === "silent") expect(error).toContain(`: no answer within 2 s (${step})`);
    else expect(error).toMatch(new RegExp(`: (?:the server hung up|connection reset) during ${step}$`, "u"));
    // A closed connection is no reset one.
    if (ending === "closed") expect(error).toMatch(/: the server/u);
    // The probe itself says nothing later than at its deadline; this host may be slow to look at the clock.
    if (ending === "silent") expect(latencySeconds).toBeGreaterThan(1.9);
    await until("nothing stays open", () => relay.held === 0);
    relay.cutAfter(Number.POSITIVE_INFINITY, "closed");
    expect(await asked(probe)).toMatchObject({ ok: true });
  },
);

test.each([
  ["closed", "closes"],
  ["reset", "resets"],
] as const satisfies [Ending, string][])(
  "%s before a word of TLS: said to be that, and not to be the bind",
  async (ending, does) => {
    secure.cutAfter(0, ending);
    const { error } = await asked(overLdap(tlsAtOnce()));
    expect(error).toMatch(new RegExp(`: the server ${does} the connection without a word of TLS: `, "u"));
    await until("nothing stays open", () => secure.held === 0);
  },
);

test.each([
  ["ldap", () => [overLdap(), directory]],
  ["http", () => [overHttp(), web]],
] as const satisfies [string, () => [PollCollector, CuttingRelay]][])(
  "%s: one that always dies in the middle is asked less and less, and as before once it answers",
  async (_name, make) => {
    const [probe, relay] = make();
    relay.cutAfter(60, "reset");
    const pauses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      expect((await asked(probe)).ok).toBe(false);
      pauses.push(probe.everySeconds);
    }
    expect(pauses).toEqual([1, 1, 2, 3]);
    relay.cutAfter(Number.POSITIVE_INFINITY, "closed");
    expect((await asked(probe)).ok).toBe(true);
    expect(probe.everySeconds).toBe(1);
    await until("nothing stays open", () => relay.held === 0);
  },
);
