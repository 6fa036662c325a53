import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseDuration, parseSize } from "./duration.ts";
import { nearest } from "./nearest.ts";
import { ConfigError, parseConfig } from "./read.ts";

const example = readFileSync(fileURLToPath(new URL("../../../mailtide.example.yaml", import.meta.url)), "utf8");
const secrets = [
  "WALL_TOKEN",
  "ONCALL_TOKEN",
  "MX2_TOKEN",
  "MAIL_DB_URL",
  "MAIL_DB_MONITOR_URL",
  "PAGERDUTY_KEY",
  "INFLUX_PASSWORD",
  "PROBE_PASSWORD",
].map((name) => `MAILTIDE_${name}`);
const urls: Record<string, string> = {
  MAILTIDE_MAIL_DB_URL: "postgres://m:x@h/d",
  MAILTIDE_MAIL_DB_MONITOR_URL: "postgres://m:x@h/d",
};

beforeEach(() => {
  for (const name of secrets) process.env[name] = urls[name] ?? "0123456789abcdef0123456789abcdef";
});
afterEach(() => {
  for (const name of secrets) delete process.env[name];
});

const problems = (text: string): readonly string[] => {
  try {
    parseConfig(text, "mailtide.yaml");
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test("the example is valid, and so is what it shows as an alternative", () => {
  expect(problems(example)).toEqual([]);
  // Comments that hold keys are taken in, where their key is not there already.
  const alternatives = example
    .replace("  series: { type: embedded }\n  # series:", "  series:")
    .replace(/^    listen: .*\n    address: .*\n/m, "")
    .replaceAll(/^    # (mailbox:|  \w+: )/gm, "    $1")
    .replaceAll(/^( +)# (tls|trustProxy|state|proxyHeader|  header|  trustedProxies|  scopes):/gm, "$1$2:");
  expect(alternatives).toMatch(/^    mailbox:.*\n      host: /m);
  expect(problems(alternatives)).toEqual([]);
});

test("an empty file is a configuration with every default", () => {
  const config = parseConfig("version: 1", "x");
  expect(config.server).toMatchObject({ host: "127.0.0.1", port: 4000 });
  expect(config.delay.target).toBe(300);
  expect(config.alerts.resolveAfter).toBe(600);
  expect(config.index).toEqual({ keep: 72 * 3_600, max: 1_073_741_824 });
});

test("an unknown key is named with its line and the nearest name", () => {
  expect(problems("version: 1\nserver:\n  prot: 80\n")).toEqual([
    'mailtide.yaml:3: unknown key "prot" in server; did you mean "port"?',
  ]);
  expect(problems("version: 1\nnods: []\n")).toEqual(['mailtide.yaml:2: unknown key "nods"; did you mean "nodes"?']);
  expect(
    problems("version: 1\nnodes:\n  - id: a\n    collect:\n      - { type: postfix-log, pth: /x }\n").join("\n"),
  ).toContain('mailtide.yaml:5: unknown key "pth"');
});

test("values that cannot be are told with file, line and key", () => {
  expect(problems("version: 1\nversion: 1\n")).toEqual(["mailtide.yaml:2: the same key stands there twice"]);
  expect(problems("version: 1\n---\nversion: 1\n")[0]).toMatch(/^mailtide\.yaml:\d: a second document begins here/);
  expect(problems("version: 1\nnodes: [{ id: a, ownDomains: [*.example.org] }]")).toEqual([
    'mailtide.yaml: a value that begins with a star needs quotes: "*.example.org"',
  ]);
  expect(problems("version: 1\ndelay: { target: soon }")).toEqual([
    'mailtide.yaml:2: delay.target: "soon" is not a duration such as 10s, 5m or 2h',
  ]);
  expect(problems("version: 1\nsite:\n  timezone: Mars/Base\n")[0]).toContain("mailtide.yaml:3: site.timezone");
  expect(problems("version: 1\nnodes: [{ id: a }, { id: a }]")[0]).toContain("used twice");
  expect(
    problems("version: 1\ndependencies: [{ id: d, type: postgres, url: postgres://a@h/d, affects: [b] }]")[0],
  ).toContain('no node has the id "b"');
  expect(problems("version: 1\nalerts: { rules: { late-mail: { pageLateShare: 5 } } }")[0]).toMatch(
    /a share is .*0\.05/,
  );
  expect(problems("version: 1\nindex: { keep: 8d }")[0]).toContain("at most 7d: the message index holds personal data");
  expect(problems("version: [")[0]).toMatch(/^mailtide\.yaml:\d+: /);
});

const collecting = (...lines: string[]): string =>
  ["version: 1", "nodes:", "  - id: a", "    collect:", ...lines.map((line) => `      - ${line}`)].join("\n");

test.each([
  [
    [
      "{ type: prometheus, url: http://x/, mapping: kumomta }",
      "{ type: prometheus, url: http://y/, mapping: kumomta }",
    ],
    /^mailtide\.yaml:6: nodes\[0\]\.collect\[1\]: the node a has a collector "kumomta" already .*"name" of its own/,
  ],
  [
    ["{ type: postfix-queue }", "{ type: prometheus, url: http://y/, mapping: kumomta, name: postfix-queue }"],
    /^mailtide\.yaml:6: .*"postfix-queue" already/,
  ],
  [["{ type: postfix-log, path: /a }", "{ type: postfix-log, path: /b }"], /:6: .*belongs to a node of its own/],
  [["{ type: postfix-queue }", "{ type: postfix-queue, every: 5s }"], /:6: .*name another instance in its "command"/],
  [["{ type: postfix-queue, method: postqueue, queueDirectory: /q }"], /:5: .*queueDirectory: is of a scan/],
  [["{ type: postfix-log, syslog: { address: [10.0.0.5] } }"], /:5: .*the key "syslog" must say where to listen/],
  [["{ type: postfix-log, journald: {}, lookback: 1MiB }"], /:5: .*lookback: is of a log that comes from a file/],
  [["{ type: postfix-log, journald: {}, olddir: old }"], /:5: .*olddir: is of a log that comes from a file/],
  [["{ type: postfix-log, path: /a, from: start, lookback: 1MiB }"], /:5: .*lookback: from: start reads all/],
  [["{ type: postfix-log, stdin: true }", "{ type: rspamd-log, stdin: true }"], /:6: .*log of one only/],
  [["{ type: prometheus, url: http://x/, mapping: kumomta, ca: /c }"], /:5: .*ca: is of an https address/],
])("what would silently do nothing is refused with its line: %s", (lines, problem) => {
  expect(problems(collecting(...lines)).join("\n")).toMatch(problem);
});

test("several of a kind are told apart by a name, an instance; a host is of one node", () => {
  const scrape = "{ type: prometheus, url: http://x/, mapping: kumomta";
  const out = "{ type: postfix-queue, command: [postqueue, -c, /etc/postfix-out, -j] }";
  expect(problems(collecting(`${scrape} }`, `${scrape}, name: second }`, "{ type: postfix-queue }", out))).toEqual([]);
  const shared = `${collecting("{ type: influx-write, host: [mx1] }")}\n  - { id: b, collect: [{ type: influx-write, host: [MX1] }] }`;
  expect(problems(shared)).toEqual([
    'mailtide.yaml:6: nodes[1].collect[0].host[0]: points of "MX1" are of the node a already',
  ]);
});

test("a secret is never text, and a missing one is named", () => {
  expect(problems("version: 1\nauth: { tokens: [{ name: w, secret: abc, scopes: [read] }] }")[0]).toContain(
    "{env: NAME} or {file: PATH}",
  );
  delete process.env["MAILTIDE_WALL_TOKEN"];
  expect(
    problems("version: 1\nauth: { tokens: [{ name: w, secret: { env: MAILTIDE_WALL_TOKEN }, scopes: [read] }] }")[0],
  ).toContain("MAILTIDE_WALL_TOKEN");
  process.env["MAILTIDE_WALL_TOKEN"] = "do-not-show-me-anywhere";
  const config = parseConfig(
    "version: 1\nauth: { tokens: [{ name: w, secret: { env: MAILTIDE_WALL_TOKEN }, scopes: [read] }] }",
    "x",
  );
  expect(JSON.stringify(config)).not.toContain("do-not-show");
  expect(config.auth.tokens[0]?.secret.reveal()).toBe("do-not-show-me-anywhere");
});

test("durations, sizes and nearest names", () => {
  expect([parseDuration("90s"), parseDuration("1.5h"), parseDuration("10"), parseDuration("-1s")]).toEqual([
    90,
    5400,
    undefined,
    undefined,
  ]);
  expect([parseSize("64MiB"), parseSize("1GiB"), parseSize("1MB")]).toEqual([67_108_864, 1_073_741_824, undefined]);
  expect([nearest("portt", ["port", "host"]), nearest("zzz", ["port"])]).toEqual(["port", undefined]);
});

const said = (text: string): string => problems(`version: 1\n${text}`).join("\n");

test("what is of the wrong kind is told in words, not in the schema's", () => {
  expect(problems("version: '1'")).toEqual(['mailtide.yaml:1: version: must be 1: the file begins with "version: 1"']);
  expect(problems("")[0]).toContain("must be 1");
  expect(said("delay: { target: 5 }")).toBe(
    "mailtide.yaml:2: delay.target: 5 has no unit: write a duration such as 10s, 5m or 2h",
  );
  expect(said("store: { spool: 5 }")).toContain("5 has no unit: write a size such as 64MiB");
  expect(said("nodes: { id: a }")).toContain(
    "nodes: must be a list ([a, b], or lines that begin with a dash), not keys",
  );
  expect(said("nodes: [mx1]")).toContain('nodes[0]: must be keys with values ({ key: value }), not "mx1"');
  expect(said("nodes: [{ collect: [] }]")).toContain("nodes[0].id: is missing");
  expect(said("nodes: [{ id: }]")).toContain("nodes[0].id: has no value");
  expect(said("server: { port: 70000 }")).toContain("server.port: must be at most 65535, not 70000");
  expect(said("server: { publicUrl: mail }")).toContain('"mail" is not an address such as https://');
  expect(said("auth: { tokens: [{ name: a, secret: { env: HOME }, scopes: [] }] }")).toContain("needs 1 or more");
});

test("a rule is clear only under where it turns bad, as it is shipped or as it is stated", () => {
  expect(said("alerts: { rules: { database-saturated: { badShare: 0.7 } } }")).toBe(
    "mailtide.yaml:2: alerts.rules.database-saturated.badShare: badShare is 0.7 and clearShare 0.8: it is clear only under where it turns bad, so state both",
  );
  expect(said("alerts: { rules: { database-unresponsive: { clearSeconds: 3 } } }")).toContain(
    "clearSeconds: slowSeconds is 2",
  );
  expect(said("alerts: { rules: { database-saturated: { badShare: 0.7, clearShare: 0.6 } } }")).toBe("");
});

const urlSaid = (type: string, url: string): string =>
  problems(`version: 1\ndependencies:\n  - { id: d, type: ${type}, url: ${url} }`).join("\n");

test("a secret that is not there is named, where a plain address could stand as well", () => {
  for (const type of ["postgres", "mysql", "redis"]) {
    expect(urlSaid(type, "{ env: MAILTIDE_NOWHERE }")).toBe(
      "mailtide.yaml:3: dependencies[0].url: the environment variable MAILTIDE_NOWHERE is not set",
    );
    expect(urlSaid(type, "{ file: /nowhere/at/all }")).toContain("the file /nowhere/at/all does not exist");
    expect(urlSaid(type, "{ file: /etc }")).toContain("the file /etc is a folder, not a file");
    expect(urlSaid(type, "{ file: /dev/null }")).toContain("the file /dev/null is empty");
    expect(urlSaid(type, "{ evn: X }")).toMatch(/\{env: NAME\}/);
  }
  expect(urlSaid("postgres", "postgres://u:pw@h/d")).toContain("with a password is given as {env: NAME}");
});

const ofMapping = (mapping: string): string =>
  said(`nodes: [{ id: a, collect: [{ type: prometheus, url: "http://x/", mapping: ${mapping} }] }]`);
test("of a mapping that is a name or rows, what was written is told", () => {
  expect(ofMapping("postfix_exporter")).toMatch(/"postfix_exporter" is none of .*; did you mean "postfix-exporter"\?$/);
  expect(ofMapping("[{ metric: m, as: counts, queue: q }]")).toMatch(
    /mapping\[0\]\.as: "counts" is none of .*; did you mean "count"\?$/,
  );
  expect(ofMapping("[{ metric: m, as: count }]")).toContain("says of which queue");
  expect(ofMapping("[{ metrc: m, as: count, queue: q }]")).toContain('unknown key "metrc"');
});

test.each([
  ["ownHops: [10.0.0.0/33]", '"10.0.0.0/33" is neither a host name, .domain, an address or prefix such as 10.0.0.0/8'],
  ["ownHops: [10.0.0]", '"10.0.0" is neither a host name'],
  ['ownHops: ["*.filter.example"]', 'a star means nothing here: ".filter.example" is every host below it'],
  ['ownHops: ["transport:"]', '"transport:" is neither'],
  ['ownDomains: ["*.example.org"]', "not a domain such as example.org"],
  ['ownDomains: ["@example.org"]', "not a domain such as example.org"],
  ["ownDomains: [.example.org]", "not a domain such as example.org"],
])("what no log line can ever be the same as is refused: %s", (line, says) => {
  expect(() => parseConfig(`version: 1\nnodes:\n  - id: mx1\n    ${line}\n`, "m.yaml")).toThrow(
    `m.yaml:4: nodes[0].${line.split(":")[0]}[0]: ${says}`,
  );
});

test("own hops and domains in every form that a log can have", () => {
  const hops = [
    "localhost",
    "127.0.0.1:10025",
    "[2001:db8::1]:25",
    "fd00::/8",
    ".filter.example",
    "a_b",
    "transport:x",
  ];
  const text = `version: 1\nnodes: [{ id: mx1, ownDomains: [example.org, bücher.example, host], ownHops: ${JSON.stringify(hops)} }]`;
  expect(parseConfig(text, "m").nodes[0]?.ownHops).toEqual(hops);
});

test.each([
  ["postgres", "notaurl", /^m:2: dependencies\[0\]\.url: what it holds is no connection string such as postgres:/],
  ["postgres", "mysql://r@h/d", /is no connection string such as postgres:/],
  ["mysql", "r:geheim@h/d", /is no connection string such as mysql:/],
  ["mysql", "mysql://r:%geheim@h/d", /%25 for %/],
  ["redis", "geheim.example:6379", /what it holds is not of the form redis:/],
])("an address of a secret that cannot be one, of %s, is said without what it holds", (type, held, says) => {
  process.env["WALK_URL"] = held;
  const text = `version: 1\ndependencies: [{ id: db, type: ${type}, url: { env: WALK_URL } }]`;
  expect(() => parseConfig(text, "m")).toThrow(says);
  expect(() => parseConfig(text, "m")).not.toThrow(/geheim/);
});

test.each([
  ["server: { port: 4000\nsite: { id: x }", /^m:3: this line stands too far left or right: .* must be closed$/],
  ['site:\n  name: "Example\n  id: x', /^m:\d: a quote, a comma, or the } or \] of what was opened is missing/],
  ["server:\n  port: 4000\n   host: x", /^m:3: this line or the next is indented too far/],
  ["nodes:\n  - id: mx1\n  collect: []", /^m:4: this line stands too far left or right/],
  ["site: { id: a, name: @home }", /^m:2: a text that begins with @ or ` needs quotes$/],
  ["syslog: { udp: 5514 }", /^m:2: syslog\.udp: not ADDRESS:PORT such as/],
  ["site: { locale: de_DE }", /^m:2: site\.locale: not a language tag such as en or de-AT$/],
  ["server: { trustProxy: [proxy] }", /^m:2: server\.trustProxy\[0\]: not an address or prefix/],
  [
    "nodes: [{ id: mx1 }]\ndependencies: [{ id: a, type: tcp, host: h, port: 1, affects: [mx2] }]",
    /no node has the id "mx2"; did you mean "mx1"\?$/,
  ],
])("what a tired person writes is said in one sentence with its line: %s", (text, says) => {
  expect(() => parseConfig(`version: 1\n${text}`, "m")).toThrow(says);
});
