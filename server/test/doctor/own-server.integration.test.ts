import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { App } from "../../src/app.ts";
import { runCli } from "../../src/cli/index.ts";
import { type MadeCertificate, makeAuthority } from "../real/certificates.ts";
import { startLiveApp } from "../real/live-app.ts";
import { freePort, temporaryFolder } from "../real/process.ts";

const folder = temporaryFolder("own-server");
const authority = makeAuthority();
const config = join(folder.path, "mailtide.yaml");
let app: App;
let shown: MadeCertificate;
let port = 0;

/** As a server is that browsers reach by its name, with a certificate of one's own authority. */
const write = (path: string, { certPath, keyPath }: { certPath: string; keyPath: string }): void =>
  writeFileSync(
    path,
    `version: 1
server:
  host: 127.0.0.1
  port: ${port}
  state: ${JSON.stringify(join(folder.path, "state"))}
  publicUrl: https://mailtide.example.test
  tls: { cert: ${JSON.stringify(certPath)}, key: ${JSON.stringify(keyPath)} }
auth: { tokens: [{ name: ops, secret: { env: OWN_SERVER_TOKEN }, scopes: [read, admin] }] }
nodes: [{ id: mx1, ownDomains: [example.test], collect: [{ type: agent }] }]
`,
  );

beforeAll(async () => {
  vi.stubEnv("OWN_SERVER_TOKEN", "own-server-0123456789abcdef");
  port = await freePort();
  mkdirSync(join(folder.path, "state"), { mode: 0o700 });
  shown = authority.make({ names: ["mailtide.example.test"] });
  write(config, shown);
  app = await startLiveApp(config, join(folder.path, "state"));
});
afterAll(async () => {
  await app.close();
  authority.remove();
  folder.remove();
  vi.unstubAllEnvs();
});
afterEach(() => void vi.restoreAllMocks());

async function run(...argv: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const said: string[] = [];
  for (const name of ["log", "error"] as const)
    vi.spyOn(console, name).mockImplementation((text: string) => void said.push(text));
  const code = await runCli(argv, new AbortController().signal);
  vi.restoreAllMocks();
  return { code, text: said.join("\n") };
}

test("a server with TLS is asked on its own host, whatever name its certificate bears and whoever signed it", async () => {
  const checked = await run("check", "--config", config);
  expect(checked.text).toMatch(/mx1\/agent: nothing has come since the running server was started|mx1\/agent: no data/);
  const { text } = await run("doctor", "--config", config);
  expect(text).not.toMatch(/no Mailtide answers/);
  const out = join(folder.path, "recorded");
  const recorded = await run("capture", "--config", config, "--last", "1m", "--out", out);
  expect(recorded.code, recorded.text).toBe(0);
});

test("a certificate in the configuration itself is as good as its file, and one that is missing is named", async () => {
  const [inline, missing] = [join(folder.path, "inline.yaml"), join(folder.path, "missing.yaml")];
  const { certPath, keyPath } = shown;
  write(inline, { certPath: readFileSync(certPath, "utf8"), keyPath: readFileSync(keyPath, "utf8") });
  expect((await run("doctor", "--config", inline)).text).not.toMatch(/no Mailtide answers/);
  write(missing, { certPath: "/none.pem", keyPath });
  const out = join(folder.path, "never");
  expect((await run("capture", "--config", missing, "--last", "1m", "--out", out)).text).toContain(
    "server.tls.cert: /none.pem does not exist",
  );
});

test("one that shows another certificate than the configuration's is told no token", async () => {
  const other = join(folder.path, "other.yaml");
  write(other, authority.make({ names: ["mailtide.example.test"] }));
  const { text } = await run("doctor", "--config", other);
  expect(text.replaceAll(/\s+/g, " ")).toMatch(
    /FAILS running server: what answers at https:\/\/127\.0\.0\.1:\d+ does not show the certificate of server\.tls/,
  );
  const out = join(folder.path, "never");
  const { code, text: said } = await run("capture", "--config", other, "--last", "1m", "--out", out);
  expect(code).toBe(1);
  expect(said).toMatch(/no Mailtide answers at .*: what answers .* does not show the certificate of server\.tls/);
});
