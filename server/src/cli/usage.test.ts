import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { runCli } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "mailtide-usage-"));
const config = join(folder, "mailtide.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => void vi.unstubAllEnvs());

/** What a command line that must not be taken says; nothing is started. */
async function refused(...argv: string[]): Promise<string> {
  const said: string[] = [];
  const spies = [
    vi.spyOn(console, "log").mockImplementation((text: string) => void said.push(text)),
    vi.spyOn(console, "error").mockImplementation((text: string) => void said.push(text)),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0),
  ];
  try {
    expect(await runCli(argv, AbortSignal.abort())).toBe(2);
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
    'did you mean "postqueue -j"?',
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
