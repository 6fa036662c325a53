import { connect, type Socket } from "node:net";
import { dependencyId } from "@mailtide/shared";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Authority, makeAuthority } from "../../../../test/real/certificates.ts";
import { asked } from "../../../../test/real/probing.ts";
import { admin, reader, type RealSlapd, startSlapd, suffix } from "../../../../test/real/slapd.ts";
import { until } from "../../../../test/real/process.ts";
import type { PollCollector } from "../../collector.ts";
import { ldap } from "./index.ts";

let authority: Authority;
let server: RealSlapd;
beforeAll(async () => {
  process.env["MAILTIDE_TEST_LDAP"] = reader.password;
  authority = makeAuthority();
  server = await startSlapd(authority.make());
});
afterEach(() => server.thaw());
afterAll(async () => {
  await server.stop();
  authority.remove();
});

/** An overlay that has answers of its own for one subtree, and may be slow for all (slapo-retcode(5)). */
const codes = `overlay retcode\nretcode-parent "ou=codes,${suffix}"\n`;
const bind = { dn: reader.dn, password: { env: "MAILTIDE_TEST_LDAP" } };
const people = `ou=people,${suffix}`;

function probe(more: Readonly<Record<string, unknown>> = {}): PollCollector {
  const given = { url: `ldap://127.0.0.1:${server.port}`, every: "1s", deadline: "20s", ...more };
  return ldap.create(ldap.config.parse(given), { id: dependencyId("directory") });
}
/** Without the address that every error begins with. */
const errorOf = async (more: Readonly<Record<string, unknown>>) =>
  (await asked(probe(more))).error?.replace(/^127\.0\.0\.1:\d+: /u, "");

/** Starts the server anew with something else set. */
async function set(settings: string, overlay?: string): Promise<void> {
  await server.kill();
  await server.start(settings, overlay);
}

test("binds, anonymously and by name, and finds what it is told to", async () => {
  expect(await asked(probe())).toMatchObject({ ok: true, type: "ldap" });
  expect(await errorOf({ bind, search: { base: people, filter: "(uid=u7)" } })).toBeUndefined();
  expect(await errorOf({ bind, search: { base: people, atLeast: 31 } })).toBeUndefined();
});

test("a wrong password, an account that does not exist", async () => {
  const words = "the bind is refused: the DN or the password is wrong (49)";
  process.env["MAILTIDE_TEST_LDAP_WRONG"] = "falsch";
  expect(await errorOf({ bind: { ...bind, password: { env: "MAILTIDE_TEST_LDAP_WRONG" } } })).toBe(words);
  expect(await errorOf({ bind: { ...bind, dn: `uid=nobody,${people}` } })).toBe(words);
});

test("a base that is missing, too few entries, what an anonymous account may not see, a tree that is elsewhere", async () => {
  expect(await errorOf({ bind, search: { base: `ou=gone,${suffix}` } })).toBe(
    "the search is for a base that does not exist, or that this account may not see (32)",
  );
  expect(await errorOf({ bind, search: { base: people, filter: "(uid=nobody)" } })).toBe(
    "the search finds 0 entries, fewer than 1",
  );
  expect(await errorOf({ search: { base: people } })).toBe("the search is refused: the account may not do that (50)");
  const asAdmin = { ...bind, dn: admin.dn };
  expect(await errorOf({ bind: asAdmin, search: { base: `ou=moved,${suffix}` } })).toBe(
    "the search is referred to another server: this one does not hold that tree (10)",
  );
});

test("limits of the server: size, and anonymous binds that it does not take", async () => {
  await set("sizelimit 5\ndisallow bind_anon\n");
  expect(await errorOf({})).toBe("the bind is refused: the server takes no anonymous bind (48)");
  await set("sizelimit 5\n");
  expect(await errorOf({ bind, search: { base: people, atLeast: 20 } })).toBe(
    "the search finds 5 entries, fewer than 20",
  );
  expect(await errorOf({ bind, search: { base: people } }), "one is enough").toBeUndefined();
  await set("");
});

test("a tree some of which is elsewhere", async () => {
  const asAdmin = { ...bind, dn: admin.dn };
  expect(await errorOf({ bind: asAdmin, search: { base: suffix, filter: "(uid=nobody)" } })).toBe(
    "the search finds 0 entries, and references to other servers, fewer than 1",
  );
});

test("a search that takes longer than the server allows, and one that takes longer than we do", async () => {
  // Everything that the database is asked takes two seconds.
  await set("timelimit 1\n", `${codes}retcode-sleep 2\n`);
  const search = { base: people };
  expect(await errorOf({ bind, search, deadline: "20s" })).toBe("the search takes longer than the server allows (3)");
  // The server's sleep goes on where the machine stands still, our patience does not.
  await until(
    "the search to be given up",
    async () => (await errorOf({ bind, search, deadline: "3s" })) === "no answer within 3 s (the search)",
  );
  await set("");
});

test.each([
  [11, "costs more than the server allows: is the attribute indexed? (11)"],
  [51, "is refused: the server is busy (51)"],
  [52, "is refused: the server is shutting down or unavailable (52)"],
  [53, "is refused: the server is unwilling to do that (53)"],
  [80, "fails (80)"],
])("result %i of a search is said in words", async (code, words) => {
  await set("", `${codes}retcode-item "ou=says" ${code} op=search\n`);
  const seen = await errorOf({ bind: { ...bind, dn: admin.dn }, search: { base: `ou=says,ou=codes,${suffix}` } });
  expect(seen).toBe(`the search ${words}`);
  await set("");
});

test("a server that wants TLS first says so; with StartTLS or ldaps the certificate is looked at", async () => {
  await set("security simple_bind=128\n");
  expect(await errorOf({ bind })).toBe("the bind is refused: the server wants TLS first (13)");
  const ca = authority.caPath;
  expect(await errorOf({ bind, startTls: true, ca })).toBeUndefined();
  expect(await errorOf({ bind, startTls: true })).toMatch(/^StartTLS: .*certificate/u);
  const url = `ldaps://127.0.0.1:${server.tlsPort}`;
  expect(await errorOf({ bind, url, ca })).toBeUndefined();
  expect(await errorOf({ bind, url })).toMatch(/^the bind: .*certificate/u);
  await set("");
});

test("a server that is not set up for TLS, and TLS on the port for what is plain, are named", async () => {
  const closes =
    "the server closes the connection without a word of TLS: it is not set up for that, or takes no more connections";
  const plain = await startSlapd(null);
  try {
    const url = `ldap://127.0.0.1:${plain.port}`;
    expect(await errorOf({ bind, url })).toBeUndefined();
    expect(await errorOf({ bind, url, startTls: true })).toBe(
      "StartTLS is refused: the server is not set up for TLS (2)",
    );
    for (const more of [{}, { startTls: true }])
      expect(await errorOf({ ...more, bind, url: `ldap://127.0.0.1:${server.tlsPort}` })).toBe(
        "wants TLS from the start: ldaps:// in place of ldap://",
      );
    for (const port of [plain.tlsPort, plain.port])
      expect(await errorOf({ bind, url: `ldaps://127.0.0.1:${port}` })).toBe(closes);
    await plain.kill();
    expect(await errorOf({ bind, url: `ldaps://127.0.0.1:${plain.tlsPort}` })).toBe("connection refused");
  } finally {
    await plain.stop();
  }
});

test("stopped, in the middle and before: a result at the deadline that says what was waited for", async () => {
  const ask = probe({ bind, deadline: "1s" });
  server.freeze();
  expect((await asked(ask)).error).toContain(": no answer within 1 s (the bind)");
  expect(await errorOf({ bind, startTls: true, deadline: "1s" })).toBe("no answer within 1 s (StartTLS)");
  const url = `ldaps://127.0.0.1:${server.tlsPort}`;
  expect(await errorOf({ bind, url, ca: authority.caPath, deadline: "1s" })).toBe("no answer within 1 s (the bind)");
  server.thaw();
  await until("it answers again", async () => (await asked(ask)).ok);
});

test("no file descriptor left for one more connection: it is let in and sent away", async () => {
  server.limitFiles(30);
  const idle: Socket[] = Array.from({ length: 40 }, () => connect(server.port, "127.0.0.1"));
  try {
    const full = await until("the descriptors to be used up", async () => {
      const seen = await asked(probe({ bind, deadline: "1s" }));
      return !seen.ok && seen;
    });
    expect(full.error).toMatch(/: (?:the server hung up during the bind|no answer within 1 s \(the bind\))$/u);
  } finally {
    for (const socket of idle) socket.destroy();
  }
  await until("there to be room again", async () => (await asked(probe({ bind, deadline: "1s" }))).ok);
});

test("killed and started again: refused, asked less and less; then well", async () => {
  const ask = probe({ bind });
  await server.kill();
  const pauses: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    expect((await asked(ask)).error).toContain(": connection refused");
    pauses.push(ask.everySeconds);
  }
  expect(pauses).toEqual([1, 1, 2, 3]);
  await server.start();
  expect((await asked(ask)).ok).toBe(true);
});
