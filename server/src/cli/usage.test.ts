import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { makeAuthority } from "../../test/real/certificates.ts";
import { runCli } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "mailtide-usage-"));
const config = join(folder, "mailtide.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => void vi.unstubAllEnvs());

/** What a command line that must not be taken says; nothing is started. */
const refused = (...argv: string[]): Promise<string> => ended(2, argv);

async function ended(code: number, argv: readonly string[]): Promise<string> {
  const said: string[] = [];
  const spies = [
    vi.spyOn(console, "log").mockImplementation((text: string) => void said.push(text)),
    vi.spyOn(console, "error").mockImplementation((text: string) => void said.push(text)),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0),
  ];
  try {
    expect(await runCli(argv, AbortSignal.abort())).toBe(code);
    return said.join("\n");
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("what is wrong with a command line, as sentences", async () => {
  expect(await refused("frobnicate")).toMatch(/^mailtide: "frobnicate" is no command\. Known: serve, /);
  expect(await refused("chek")).toContain('did you mean "check"? Known: ');
  expect(await refused("parse", "--mta", "postfixx")).toMatch(/did you mean "postfix"\? Known: postfix, exim, /);
  expect(await refused("queue", "--mta", "exmi")).toMatch(/did you mean "exim"\? Known: postfix, exim, /);
  expect(await refused("queue", "--mta", "postfix", "--format", "postqueue-j")).toContain(
    'is no listing of postfix; did you mean "postqueue -j"?',
  );
  for (const command of ["parse", "queue"])
    expect(await refused(command, "--mta", "postfix", "--tz", "Mars")).toContain("an IANA time zone");
  expect(await refused("check", "--config", `${folder}/none.yaml`)).toBe(
    `mailtide: ${folder}/none.yaml: does not exist`,
  );
  for (const command of [
    ["check", "--config", folder],
    ["simulate", folder, "--out", `${folder}/out`],
  ])
    expect(await refused(...command)).toBe(`mailtide: ${folder}: is a folder, not a file`);
});

const said = async (...argv: string[]): Promise<string> => (await refused(...argv)).replace("mailtide: ", "");

test("what the parser of command lines says is one sentence too", async () => {
  expect(await said("serve", "--port", "abc")).toBe("--port abc: a port is 0 to 65535\n");
  expect(await said("replay", "x", "--speed", "fast")).toBe("--speed fast: a number above 0\n");
  for (const time of ["noon", "25:99"])
    expect(await said("demo", "--from", time)).toBe(`--from ${time}: a time of the day such as 11:30\n`);
  expect(await said("capture", "--last", "6h", "--out", "x", "--url", "mail:4000")).toBe(
    "--url mail:4000: an http or https address\n",
  );
  for (const [command, flag] of [
    ["capture", "--url"],
    ["replay", "--notify"],
  ] as const)
    expect(await said(command, flag, "https://ops:geheim@mail:4000/")).toBe(
      `${flag} https://***@mail:4000/: an address without a name or a password in it\n`,
    );
  expect(await said("serve", "--prot", "1")).toBe("unknown option --prot; did you mean --port?\n");
  expect(await said("serve", "--xyzzy")).toBe("unknown option --xyzzy\n");
  expect(await said("serve", "--port")).toBe("--port <port> has no value\n");
  expect(await said("parse")).toBe("--mta <name> is missing\n");
  expect(await said("replay")).toBe("<dir> is missing\n");
  expect(await said("check", "x")).toBe("check takes options only\n");
  expect(await said("replay", "x", "y")).toBe("replay takes 1 argument, not 2\n");
  expect(await said("parse", "--mta", "postfix", "mail.log")).toBe(
    "parse takes no file, it reads standard input: mailtide parse ... < FILE\n",
  );
  expect(await said("help", "chek")).toMatch(/^"chek" is no command; did you mean "check"\?/);
});

test("a mistyped option is named with the nearest, not called missing", async () => {
  for (const [command, typed, meant] of [
    ["parse", "--mtaa", "--mta"],
    ["queue", "-mta", "--mta"],
    ["simulate", "--ot", "--out"],
    ["capture", "--lst", "--last"],
    ["check", "-config", "--config"],
    ["agent", "--confg", "--config"],
    ["doctor", "--sugest", "--suggest"],
    ["demo", "--sped", "--speed"],
    ["serve", "--hots", "--host"],
    ["replay", "--reprot", "--report"],
    ["check", "--hlep", "--help"],
  ] as const)
    expect(await said(command, typed, "x")).toBe(`unknown option ${typed}; did you mean ${meant}?\n`);
  expect(await said("--confg", "x")).toBe("unknown option --confg; did you mean --config?\n");
  expect(await said("simulate", "x.yaml")).toBe("--out <dir> is missing\n");
  expect(await said("capture", "--last", "6h")).toBe("--out <dir> is missing\n");
  expect(await said("capture")).toBe("--last <duration> is missing\n");
});

test("an empty value, as of a shell's variable that is not set, is told and not taken for another", async () => {
  for (const [flags, ...argv] of [
    ["<dir>", "replay", ""],
    ["<dir>", "replay", " "],
    ["--report <file>", "replay", folder, "--report", ""],
    ["--top <n>", "replay", folder, "--top", ""],
    ["<scenario>", "simulate", "", "--out", "x"],
    ["--out <dir>", "simulate", config, "--out", ""],
    ["--out <dir>", "capture", "--last", "1h", "--out", ""],
    ["--url <url>", "capture", "--last", "1h", "--out", "x", "--url", ""],
    ["--token <secret>", "capture", "--last", "1h", "--out", "x", "--token", ""],
    ...["serve", "agent", "check", "doctor"].map((command) => ["--config <file>", command, "--config", ""]),
    ["--port <port>", "serve", "--port", ""],
    ["--mta <name>", "queue", "--mta", ""],
  ] as [string, ...string[]][])
    expect(await said(...argv)).toBe(`${flags} has an empty value\n`);
  writeFileSync(config, 'version: 1\nserver: { state: "" }\n');
  expect(await refused("serve", "--config", config)).toContain("server.state: must not be empty");
});

test("what serve would refuse, check and doctor call invalid too", async () => {
  writeFileSync(config, "version: 1\nserver: { host: 0.0.0.0 }\n");
  for (const command of ["check", "doctor", "serve"])
    expect(await refused(command, "--config", config)).toContain(
      `${config}: server.host is 0.0.0.0, which others can reach, and there is no authentication`,
    );
  vi.stubEnv("MAILTIDE_TEST_SHORT", "short");
  writeFileSync(
    config,
    "version: 1\nauth: { tokens: [{ name: wall, secret: { env: MAILTIDE_TEST_SHORT }, scopes: [read] }] }\n",
  );
  expect(await refused("check", "--config", config)).toMatch(/"wall".* is shorter than 16 characters/);
});

test("a variable that is not what it should be is told, not overlooked", async () => {
  writeFileSync(config, "version: 1\n");
  vi.stubEnv("MAILTIDE_PORT", "abc");
  expect(await refused("serve", "--config", config)).toBe('mailtide: MAILTIDE_PORT is a port, 0 to 65535, not "abc"');
  vi.stubEnv("MAILTIDE_FORCE", "hots");
  expect(await refused("serve")).toBe('mailtide: MAILTIDE_FORCE is demo or host, not "hots"');
});

test("a folder that cannot be written, a state folder that is a file: said in words, and before the work", async () => {
  writeFileSync(config, "version: 1\n");
  const scenario = fileURLToPath(new URL("../../../scenarios/synaq-2016-05-11.yaml", import.meta.url));
  const simulate = (out: string): Promise<string> => ended(1, ["simulate", scenario, "--out", out]);
  expect(await simulate(`${folder}/stopped`)).toBe("mailtide: stopped before the end");
  expect(await simulate(folder)).toContain(`${folder} exists already: give --out a new name`);
  expect(await simulate("/proc/day")).toBe("mailtide: /proc/day cannot be made: /proc is no place for folders");
  expect(await simulate(`${folder}/no/such`)).toBe(
    `mailtide: ${folder}/no/such cannot be made: there is no folder ${folder}/no`,
  );
  expect(await simulate(`${config}/x`)).toBe(
    `mailtide: ${config}/x cannot be made: a file stands where its folder should`,
  );
  const capture = ["capture", "--config", config, "--last", "1h", "--out"];
  expect(await ended(1, [...capture, folder])).toBe(`mailtide: ${folder} exists already: give --out a new name`);
  const nobody = ["--url", "http://127.0.0.1:9"];
  expect(await ended(1, [...capture, `${folder}/new`, ...nobody])).toMatch(
    /no Mailtide answers at http:\/\/127\.0\.0\.1:9: /,
  );

  writeFileSync(config, `version: 1\nserver: { port: 0, state: ${JSON.stringify(config)} }\n`);
  expect(await ended(1, ["serve", "--config", config])).toMatch(
    /the state folder .*mailtide\.yaml cannot be made: a file stands in its way; .*server\.state/,
  );
});

test("a certificate that cannot be shown is found by check, in the words in which serve refuses", async () => {
  const authority = makeAuthority();
  try {
    const { certPath, keyPath } = authority.make();
    const other = authority.make();
    const empty = join(folder, "empty.pem");
    writeFileSync(empty, "");
    for (const [cert, key, why] of [
      [certPath, keyPath, "certificate and key belong together"],
      ["/none.pem", keyPath, "server.tls.cert: /none.pem does not exist"],
      [folder, keyPath, `server.tls.cert: ${folder} is a folder, not a file`],
      [config, keyPath, "server.tls.cert: holds no certificate in PEM"],
      [empty, keyPath, "server.tls.cert: holds no certificate in PEM"],
      [certPath, empty, "server.tls.key: holds no key in PEM"],
      [certPath, certPath, "server.tls.key: holds no key in PEM"],
      [certPath, other.keyPath, "server.tls: the key is not the one of the certificate"],
    ] as const) {
      const tls = JSON.stringify({ cert, key });
      writeFileSync(
        config,
        `version: 1\nserver: { port: 0, tls: ${tls}, state: ${JSON.stringify(`${folder}/state`)} }\n`,
      );
      const isGood = cert === certPath && key === keyPath;
      expect(await ended(isGood ? 0 : 1, ["check", "--config", config])).toContain(why);
      if (!isGood) expect(await ended(1, ["serve", "--config", config])).toContain(why);
    }
  } finally {
    authority.remove();
  }
});

test("what is piped into the server is not looked for in what is piped into check", async () => {
  writeFileSync(
    config,
    "version: 1\nnodes: [{ id: mx1, collect: [{ type: postfix-log, stdin: true }] }]\nserver: { port: 1 }\n",
  );
  expect(await ended(0, ["check", "--config", config])).toMatch(
    /note {4}mx1\/postfix-log: what comes is heard by the running server only/,
  );
});
