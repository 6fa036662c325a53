import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigError, parseConfig } from "../config/read.ts";
import { agentSettings } from "./agent.ts";

const page = readFileSync(new URL("../../../docs/agents.md", import.meta.url), "utf8");
const [server = "", host = ""] = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? "");

beforeAll(() => void (process.env["MAILTIDE_MX2_TOKEN"] = "0123456789abcdef0123456789abcdef"));
afterAll(() => void delete process.env["MAILTIDE_MX2_TOKEN"]);

const here = host.replace("{ file: /etc/mailtide/token }", "{ env: MAILTIDE_MX2_TOKEN }");
const problemsOf = (text: string): string => {
  try {
    agentSettings(parseConfig(text, "agent.yaml"), "agent.yaml");
    return "";
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join("\n");
    throw error;
  }
};

test("both configurations of the documentation are valid and belong together", () => {
  const { auth, nodes } = parseConfig(`version: 1\n${server}`, "server.yaml");
  const settings = agentSettings(parseConfig(here, "agent.yaml"), "agent.yaml");
  expect([auth.tokens[0]?.node, nodes[0]?.id, settings.node]).toEqual(["mx2", "mx2", "mx2"]);
  expect(settings.spool).toEqual({ folder: "/var/lib/mailtide/spool", maxBytes: 256 << 20 });
  expect(settings.collectors.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["mx2/postfix-log", "mx2/postfix-queue", "dependency spool-disk"]),
  );
});

const trips = (count: number): string =>
  Array.from(
    { length: count },
    (_, at) =>
      `  - { id: t${at}, type: roundtrip, host: mx, to: Probe${at}@own.test, listen: "127.0.0.1:${2600 + at}" }`,
  ).join("\n");
const withTrips = (count: number): string => `${here}\n${trips(count)}\n`;

test("where its round trips go is known, and not without bound", () => {
  expect(agentSettings(parseConfig(withTrips(2), "agent.yaml"), "agent.yaml").probes).toEqual([
    "probe0@own.test",
    "probe1@own.test",
  ]);
  expect(problemsOf(withTrips(17))).toMatch(/at most 16 mailboxes, not 17/);
});

test("what cannot be an agent's configuration is said", () => {
  expect(problemsOf("version: 1")).toMatch(/needs the key "agent"[^]*one of "nodes"/);
  expect(problemsOf(here.replace("nodes:", "nodes:\n  - id: mx3"))).toMatch(/agent.yaml:\d+: nodes: .*exactly one/);
  expect(problemsOf(here.replace("https://mailtide.example.org", "http://mailtide.example.org"))).toMatch(
    /agent.server.*https/,
  );
  expect(problemsOf(here.replace("https://mailtide.example.org", "http://localhost.example.org"))).toMatch(/https/);
  expect(problemsOf(here.replace("https://mailtide.example.org", "http://localhost:4000"))).toBe("");
  expect(problemsOf(here.replace("max: 256MiB", "max: 1MiB"))).toMatch(/at least 16MiB/);
  expect(problemsOf(here.replace(/collect:[^]*?dependencies/, "collect: [{ type: agent }]\ndependencies"))).toMatch(
    /belongs into the server/,
  );
});

test("what an agent would silently ignore is refused with its line", () => {
  const ofWrites = here.replace("- { type: postfix-queue, every: 30s }", "- { type: influx-write }");
  expect(problemsOf(ofWrites)).toMatch(
    /^agent\.yaml:\d+: nodes\[0\]\.collect\[1\]\.type: \{ type: influx-write \} belongs into the server's/,
  );
  expect(problemsOf(`${here}delay: { target: 5m }\nserver: { port: 4001 }\n`)).toMatch(
    /^agent\.yaml:\d+: server: an agent does nothing[^]*\nagent\.yaml:\d+: delay: an agent does nothing/,
  );
  expect(problemsOf(here.replace("timezone: Europe/Berlin", "ownDomains: [example.org]"))).toMatch(
    /nodes\[0\]\.ownDomains: an agent does nothing/,
  );
});

test("a token is of a node that an agent collects for", () => {
  const other = server.replace("node: mx2", "node: mx3");
  expect(() => parseConfig(`version: 1\n${other}`, "server.yaml")).toThrow(/no node has the id "mx3"/);
});
