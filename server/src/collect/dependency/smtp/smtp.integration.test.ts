import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { dependencyId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPostfix, startPostfix } from "../../../../test/real/postfix.ts";
import { asked } from "../../../../test/real/probing.ts";
import { temporaryFolder, until } from "../../../../test/real/process.ts";
import { startSmtpServer } from "../../../../test/real/smtp-server.ts";
import type { ProbeObservation } from "../../../core/observation.ts";
import { certificate } from "../certificate/index.ts";
import { smtp } from "./index.ts";

const folder = temporaryFolder("smtp-hop");
let postfix: RunningPostfix;
beforeAll(async () => {
  const [key, cert] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")];
  const made = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost";
  execFileSync("openssl", [...made.split(" "), "-keyout", key, "-out", cert], { stdio: "ignore" });
  postfix = await startPostfix({
    routes: { "own.test": 9 },
    settings: { smtpd_tls_cert_file: cert, smtpd_tls_key_file: key, smtpd_tls_security_level: "may" },
  });
});
afterAll(async () => {
  await postfix?.stop();
  folder.remove();
});

async function look(options: object): Promise<ProbeObservation> {
  const config = smtp.config.parse({ host: "127.0.0.1", port: postfix.smtpPort, deadline: "20s", ...options });
  const probe = smtp.create(config, { id: dependencyId("hop") });
  const { observations } = await probe.poll(AbortSignal.timeout(120_000));
  await probe.stop();
  return observations[0] as ProbeObservation;
}

test("a real Postfix is talked to up to the recipient, in TLS, with the time of each step, and gets no mail", async () => {
  const seen = await look({ tls: "starttls", recipient: "user@own.test" });
  expect(seen).toMatchObject({ ok: true, details: { greetingSeconds: expect.any(Number) } });
  expect(Object.keys(seen.details ?? {}).sort()).toEqual(
    ["connectSeconds", "greetingSeconds", "recipientSeconds", "tlsSeconds"].sort(),
  );
  expect(postfix.queue()).toEqual([]);
  const left = () => /disconnect from .* ehlo=2 starttls=1 mail=1 rcpt=1 /.exec(readFileSync(postfix.logPath, "utf8"));
  expect((await until("it is logged", left))[0]).not.toMatch(/ data=/);
});

test("each refusal names its step, and whether it is for now or for good", async () => {
  const refused = await look({ recipient: "refused@own.test" });
  expect(refused.error).toContain(
    ": says 554 5.7.1 <(address)>: Recipient address rejected: not here to RCPT TO, for good",
  );
  expect(refused.details?.greetingSeconds).toBeGreaterThanOrEqual(0);
  const distrusted = await look({ tls: "starttls", verify: true });
  expect(distrusted.error).toContain(": the certificate is signed by itself");
  const other = await startSmtpServer({ recipient: () => "450 4.7.1 Greylisted" });
  try {
    expect((await look({ port: other.port, recipient: "a@own.test" })).error).toContain(
      ": says 450 4.7.1 Greylisted to RCPT TO, for now",
    );
    expect((await look({ port: other.port, tls: "starttls" })).error).toContain(": offers no STARTTLS");
  } finally {
    await other.stop();
  }
});

test("TLS at once where a greeting comes in clear is named", async () => {
  expect((await look({ tls: "implicit" })).error).toContain(": what answers does not speak TLS");
});

test("silence where TLS is awaited from the start: the port says so, and nobody speaks before the greeting", async () => {
  const heard: Buffer[] = [];
  const sockets: Socket[] = [];
  const silent = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (chunk) => heard.push(chunk)).on("error", () => undefined);
  });
  silent.listen(465, "127.0.46.5");
  await once(silent, "listening");
  const at = { host: "127.0.46.5", port: 465, deadline: "1s" };
  try {
    for (const tls of ["none", "starttls"])
      expect((await look({ ...at, tls })).error).toContain(
        ": no answer within 1 s (the greeting: port 465 is for TLS from the start, tls: implicit)",
      );
    expect(heard).toEqual([]);
    expect((await look({ ...at, tls: "implicit" })).error).toContain(": no answer within 1 s (connecting)");
    const shown = certificate.create(certificate.config.parse(at), { id: dependencyId("shown") });
    expect((await asked(shown)).error).toContain("(STARTTLS: port 465 is for TLS from the start, startTls: none)");
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
});

test("a stopped server is a result, with the step in which it hangs", async () => {
  const master = readFileSync(join(postfix.configFolder, "../spool/pid/master.pid"), "utf8").trim();
  const children = readFileSync(`/proc/${master}/task/${master}/children`, "utf8").trim().split(" ");
  const pids = [master, ...children].map(Number);
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  try {
    expect((await look({ deadline: "1s" })).error).toContain(": no answer within 1 s (the greeting)");
  } finally {
    for (const pid of pids.reverse()) process.kill(pid, "SIGCONT");
  }
});
