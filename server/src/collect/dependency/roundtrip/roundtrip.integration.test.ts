import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeId, siteId } from "@mailtide/shared";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { speakSmtp, handOver } from "../../../../test/real/smtp-client.ts";
import { Trip } from "../../../../test/trip.ts";
import { startSmtpServer } from "../../../../test/real/smtp-server.ts";
import { type RunningPostfix, startPostfix } from "../../../../test/real/postfix.ts";
import { freePort, temporaryFolder, until } from "../../../../test/real/process.ts";
import { backoffOf } from "../../../core/backoff.ts";
import { DelayModel } from "../../../core/model/delay-model.ts";
import { tryCollector } from "../../../doctor/try-collector.ts";
import { lineReader } from "../../readers.ts";

const folder = temporaryFolder("round-trip");
const [key, cert] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")];
const made = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost";
let postfix: RunningPostfix;
let doorPort: number;
beforeAll(async () => {
  execFileSync("openssl", [...made.split(" "), "-keyout", key, "-out", cert], { stdio: "ignore" });
  doorPort = await freePort();
  postfix = await startPostfix({
    routes: { "own.test": doorPort },
    minimalBackoffSeconds: 1,
    maximalBackoffSeconds: 2,
    queueRunDelaySeconds: 1,
    settings: {
      recipient_delimiter: "+",
      smtpd_tls_cert_file: cert,
      smtpd_tls_key_file: key,
      smtpd_tls_security_level: "may",
    },
  });
});
afterAll(async () => {
  await postfix?.stop();
  folder.remove();
});

const trip = (options: object = {}, position?: unknown): Trip =>
  new Trip({ port: postfix.smtpPort, listen: `127.0.0.1:${doorPort}`, ...options }, position);

function queueManager(): number {
  const spool = join(postfix.configFolder, "../spool");
  const master = readFileSync(join(spool, "pid/master.pid"), "utf8").trim();
  for (const pid of readFileSync(`/proc/${master}/task/${master}/children`, "utf8").trim().split(" "))
    if (readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "qmgr") return Number(pid);
  throw new Error("no queue manager");
}

test("a mail goes through Postfix and back, and is nobody's in the count", async () => {
  const one = await trip().start();
  try {
    const seen = await one.until("it is back", ({ ok }) => ok);
    expect(seen).toMatchObject({ kind: "probe", type: "roundtrip", details: { probesOut: 0 } });
    expect(seen.latencySeconds).toBeLessThan(20);
  } finally {
    await one.collector.stop();
  }
  await until("it is logged as gone", () => / removed\n/.test(readFileSync(postfix.logPath, "utf8")));
  const lines = readFileSync(postfix.logPath, "utf8").trimEnd().split("\n");
  expect(counted(lines, ["Mailtide-Probe@own.test"]).accepted).toBe(0);
  expect(counted(lines, ["probe@own.test"]).accepted).toBe(1);
});

/** What the delay model counts of a log. */
function counted(lines: readonly string[], probes: readonly string[]) {
  const node = nodeId("mx");
  const model = new DelayModel({
    site: { id: siteId("s"), targetSeconds: 300, probes },
    nodes: [{ id: node, ownDomains: ["own.test"], backoff: backoffOf("postfix") }],
  });
  const read = lineReader("postfix", { zone: "UTC", year: new Date().getUTCFullYear() });
  for (const line of lines) {
    const event = read?.(line);
    if (event?.atMs !== undefined) model.apply({ kind: "log", node, atMs: event.atMs, event });
  }
  return model.evaluate(Date.now()).facts.totals;
}

test("mail that stops on its way grows visibly, survives the end of the program, and is measured when it comes", async () => {
  const late = { deadline: "2s" };
  const before = await trip(late).start();
  const manager = queueManager();
  process.kill(manager, "SIGSTOP");
  try {
    const waiting = await before.until(
      "the wait is late",
      ({ ok, details }) => !ok && details?.waitingSeconds !== undefined,
    );
    expect(waiting.error).toMatch(/^not back after \d+ s; the platform took it as [0-9A-F]{6,}$/);
    const longer = await before.until("it grows", ({ latencySeconds }) => latencySeconds > waiting.latencySeconds);
    expect(longer.ok).toBe(false);
    // As after kill -9: nothing is said goodbye to, and the next program has what was committed.
    await before.collector.stop();
    const after = await trip(late, before.position).start();
    try {
      expect((await after.until("it is still known", () => true)).latencySeconds).toBeGreaterThan(2);
      process.kill(manager, "SIGCONT");
      const back = await after.until("the way is good again", ({ ok }) => ok);
      expect(back.latencySeconds).toBeLessThanOrEqual(2);
      expect(after.told.some(({ ok, error }) => !ok && error !== undefined)).toBe(true);
    } finally {
      await after.collector.stop();
    }
  } finally {
    process.kill(manager, "SIGCONT");
    await before.collector.stop();
  }
});

test("what the platform refuses is quoted, without addresses, at the step at which it was refused", async () => {
  const refused = await trip({ to: "refused@own.test" }).start();
  const free = await freePort();
  const nobody = await trip({ port: free, listen: "127.0.0.1:0" }).start();
  const busy = await startSmtpServer({ recipient: (address) => `451 4.7.1 <${address}> greylisted` });
  const grey = await trip({ port: busy.port, listen: "127.0.0.1:0" }).start();
  try {
    const seen = await refused.until("it is refused", ({ ok }) => !ok);
    expect(seen).toMatchObject({ details: { refused: true } });
    expect(seen.error).toMatch(/^127\.0\.0\.1:\d+: refused at RCPT TO: 554 5\.7\.1 .*not here$/);
    expect((await nobody.until("nobody is there", ({ ok }) => !ok)).error).toBe(
      `127.0.0.1:${free}: connection refused while connecting`,
    );
    expect((await grey.until("it is put off", ({ ok }) => !ok)).error).toBe(
      `127.0.0.1:${busy.port}: refused at RCPT TO: 451 4.7.1 <(address)> greylisted`,
    );
  } finally {
    for (const { collector } of [refused, nobody, grey]) await collector.stop();
    await busy.stop();
  }
});

test("TLS is verified unless told otherwise", async () => {
  const strict = await trip({ tls: "starttls" }).start();
  expect((await strict.until("it is refused", ({ ok }) => !ok)).error).toMatch(/certificate/);
  await strict.collector.stop();
  const trusting = await trip({ tls: "starttls", host: "localhost", ca: cert }).start();
  await trusting.until("it is back", ({ ok }) => ok);
  await trusting.collector.stop();
  expect(readFileSync(postfix.logPath, "utf8")).toMatch(/starttls=1/);
});

test("the door takes nothing but the mail that is out, and check tries one", async () => {
  const one = await trip().start();
  await one.until("one is back", ({ ok }) => ok);
  for (const to of ["mailtide-probe@own.test", "mailtide-probe+00000000000000000000@own.test", "user@own.test"])
    expect((await speakSmtp(doorPort, handOver("", [to], "Subject: x")))[3]).toMatch(/^550 /);
  await one.collector.stop();
  const tried = await tryCollector(trip().collector);
  expect(tried).toMatchObject({ verdict: "ok", says: expect.stringMatching(/^a mail was back after \d+\.\d s$/) });
});

test("check says of a mail that went elsewhere that it was not back, and as what the platform took it", async () => {
  let delivered = 0;
  const elsewhere = await startSmtpServer({
    message: () => {
      delivered += 1;
      return Promise.resolve("250 2.0.0 Ok: queued as ABC123");
    },
  });
  const { collector } = trip({ port: elsewhere.port, deadline: "5m", listen: `127.0.0.1:${await freePort()}` });
  // Its clock runs on as soon as the mail was delivered: nobody waits half a minute for nothing.
  const now = (): number => Date.now() + (delivered > 0 ? 40_000 : 0);
  try {
    const start = collector.start.bind(collector);
    vi.spyOn(collector, "start").mockImplementation((context) => start({ ...context, now }));
    expect(await tryCollector(collector)).toMatchObject({
      verdict: "FAILS",
      says: expect.stringMatching(/^the platform took a mail as ABC123, which was not back after /),
    });
    expect(delivered).toBe(1);
  } finally {
    await elsewhere.stop();
  }
});
