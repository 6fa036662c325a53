import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dependencyId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPostfix, startPostfix } from "../../../../test/real/postfix.ts";
import { temporaryFolder, until } from "../../../../test/real/process.ts";
import { startSmtpServer } from "../../../../test/real/smtp-server.ts";
import type { ProbeObservation } from "../../../core/observation.ts";
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
  expect(distrusted.error).toMatch(/: its certificate is not good: /);
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
