import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { dependencyId } from "@mailtide/shared";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Authority, type MadeCertificate, makeAuthority } from "../../../../test/real/certificates.ts";
import { startPostfix } from "../../../../test/real/postfix.ts";
import { asked, causesOf } from "../../../../test/real/probing.ts";
import { temporaryFolder } from "../../../../test/real/process.ts";
import type { CollectorContext, PollCollector } from "../../collector.ts";
import { certificate } from "./index.ts";

let authority: Authority;
let stranger: Authority;
const servers: Server[] = [];
beforeAll(() => {
  authority = makeAuthority();
  stranger = makeAuthority();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});
afterAll(() => {
  authority.remove();
  stranger.remove();
});

async function showing({ cert, key }: MadeCertificate): Promise<number> {
  const server = createServer({ cert, key }, (socket) => socket.on("error", () => undefined).resume());
  server.on("tlsClientError", () => undefined);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

async function judged(given: Readonly<Record<string, unknown>>) {
  const probe: PollCollector = certificate.create(certificate.config.parse({ deadline: "20s", ...given }), {
    id: dependencyId("mx"),
  });
  const context: Partial<CollectorContext> = { now: () => Date.now() };
  await probe.start(context as CollectorContext);
  return asked(probe);
}
const ofServer = async (made: MadeCertificate, more: Readonly<Record<string, unknown>> = {}) =>
  judged({ host: "127.0.0.1", port: await showing(made), startTls: "none", ca: authority.caPath, ...more });

const day = 86_400;

test("a good certificate, with what is left of it", async () => {
  const seen = await ofServer(authority.make({ untilDays: 60 }));
  expect(seen).toMatchObject({ ok: true, type: "certificate" });
  expect(seen.details?.expiresInSeconds).toBeGreaterThan(59 * day);
  expect(seen.details).not.toHaveProperty("concern");
});

test("one that ends soon is a concern, not a failure", async () => {
  const seen = await ofServer(authority.make({ untilDays: 5.5 }));
  expect(seen).toMatchObject({ ok: true });
  expect(seen.details?.concern).toMatch(/^the certificate ends on \d{4}-\d\d-\d\d, in 5 days$/u);
  expect((await ofServer(authority.make({ untilDays: 5.5 }), { warnBefore: "3d" })).details).not.toHaveProperty(
    "concern",
  );
});

test("one that has ended, and one that has not begun", async () => {
  const ended = await ofServer(authority.make({ fromDays: -30, untilDays: -2 }));
  expect(ended.error).toMatch(/: the certificate ended on \d{4}-\d\d-\d\d$/u);
  expect(ended.details?.expiresInSeconds).toBeLessThan(-day);
  expect(causesOf(ended)).toEqual(["certificate-expired"]);
  const early = await ofServer(authority.make({ fromDays: 2 }));
  expect(early.error).toMatch(/: the certificate is not valid before \d{4}-\d\d-\d\d$/u);
});

test("the wrong name, with those that it is for", async () => {
  const made = authority.make({ names: ["mx1.example.net", "mx2.example.net"] });
  expect((await ofServer(made)).error).toContain(
    ": the certificate is not for 127.0.0.1 but for mx1.example.net, mx2.example.net",
  );
  expect((await ofServer(made, { name: "mx3.example.net" })).error).toContain("is not for mx3.example.net");
  expect(await ofServer(made, { name: "mx2.example.net" })).toMatchObject({ ok: true });
});

test("signed by itself, or by nobody who is known", async () => {
  expect((await ofServer(authority.make({ selfSigned: true }))).error).toContain(
    ": the certificate is signed by itself",
  );
  expect((await ofServer(stranger.make())).error).toMatch(/: who signs the certificate is not known here/u);
});

test("what does not speak TLS, and what hangs in the handshake", async () => {
  const { createServer: createPlain } = await import("node:net");
  const plain = createPlain((socket) =>
    socket
      .on("error", () => undefined)
      .resume()
      .end("220 mx ESMTP\r\n"),
  );
  const silent = createPlain((socket) => socket.on("error", () => undefined).resume());
  for (const server of [plain, silent]) {
    servers.push(server as Server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const aim = (server: typeof plain) => ({
    host: "127.0.0.1",
    port: (server.address() as { port: number }).port,
    startTls: "none",
  });
  expect((await judged(aim(plain))).error).toContain(": what answers does not speak TLS");
  expect((await judged({ ...aim(silent), deadline: "1s" })).error).toContain(
    ": no answer within 1 s (the TLS handshake)",
  );
  // It greets and hangs up, in place of an answer to EHLO: no deadline has to pass to know that.
  expect((await judged({ ...aim(plain), startTls: "smtp", deadline: "60s" })).error).toContain(
    ": the server closed the connection in place of an answer",
  );
});

test("STARTTLS of a real Postfix: its certificate, and that it offers none", async () => {
  const { certPath, keyPath } = authority.make({ names: ["mx.example.net"], untilDays: 3.5 });
  const settings = { smtpd_tls_security_level: "may", smtpd_tls_cert_file: certPath, smtpd_tls_key_file: keyPath };
  const secure = await startPostfix({ routes: {}, settings });
  try {
    const aim = { host: "127.0.0.1", port: secure.smtpPort, ca: authority.caPath, name: "mx.example.net" };
    const seen = await judged(aim);
    expect(seen).toMatchObject({ ok: true });
    expect(seen.details?.concern).toMatch(/in 3 days$/u);
    expect((await judged({ ...aim, name: "mail.example.net" })).error).toMatch(/: the certificate is not for mail/u);
  } finally {
    await secure.stop();
  }
  const plain = await startPostfix({ routes: {}, settings: { smtpd_tls_security_level: "none" } });
  try {
    const { error } = await judged({ host: "127.0.0.1", port: plain.smtpPort });
    expect(error).toContain(": the server offers no STARTTLS");
  } finally {
    await plain.stop();
  }
});

test("a file: its dates and name, none in it, none there", async () => {
  const folder = temporaryFolder("certificate");
  const file = join(folder.path, "mx.pem");
  const { cert } = authority.make({ names: ["mx.example.net"], untilDays: 60 });
  writeFileSync(file, `${cert}${authority.ca}`);
  expect(await judged({ file, name: "mx.example.net" })).toMatchObject({ ok: true });
  expect((await judged({ file, name: "mail.example.net" })).error).toContain(
    ": the certificate is not for mail.example.net but for mx.example.net",
  );
  writeFileSync(file, authority.make({ fromDays: -9, untilDays: -1 }).cert);
  expect((await judged({ file })).error).toMatch(/: the certificate ended on/u);
  writeFileSync(file, "nothing");
  chmodSync(file, 0o600);
  expect((await judged({ file })).error).toContain(": the file holds no certificate");
  expect((await judged({ file: folder.path })).error).toBe(`${folder.path}: the file is a folder, not a file`);
  expect((await judged({ file: `${file}/none` })).error).toContain(
    ": the file does not exist: a file stands where its folder should",
  );
  folder.remove();
  expect((await judged({ file })).error).toBe(`${file}: the file does not exist`);
});
