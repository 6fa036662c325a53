import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Authority, makeAuthority } from "../../../../test/real/certificates.ts";
import { type RealDovecot, startDovecot } from "../../../../test/real/dovecot.ts";
import { type RunningPostfix, startPostfix } from "../../../../test/real/postfix.ts";
import { freePort, until } from "../../../../test/real/process.ts";
import { Trip } from "../../../../test/trip.ts";

let authority: Authority;
let dovecot: RealDovecot;
let postfix: RunningPostfix;
const ports = { door: 0, submission: 0, smtps: 0, noTls: 0, noAuth: 0, otherName: 0 };

beforeAll(async () => {
  authority = makeAuthority();
  const ours = authority.make({ names: ["localhost"] });
  const other = authority.make({ names: ["mx.elsewhere.test"] });
  dovecot = await startDovecot(ours);
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  postfix = await startPostfix({
    routes: { "own.test": ports.door },
    settings: {
      ...dovecot.sasl,
      recipient_delimiter: "+",
      smtpd_tls_cert_file: ours.certPath,
      smtpd_tls_key_file: ours.keyPath,
      smtpd_tls_security_level: "may",
    },
    services: [
      submission(ports.submission, "-o smtpd_tls_security_level=encrypt"),
      submission(ports.smtps, "-o smtpd_tls_wrappermode=yes"),
      submission(ports.noTls, "-o smtpd_tls_security_level=none"),
      submission(ports.noAuth, "-o smtpd_sasl_auth_enable=no"),
      submission(ports.otherName, `-o smtpd_tls_cert_file=${other.certPath} -o smtpd_tls_key_file=${other.keyPath}`),
    ],
  });
});
afterAll(async () => {
  await postfix?.stop();
  await dovecot?.stop();
  authority?.remove();
});

function submission(port: number, ...more: readonly string[]): string {
  return [
    `127.0.0.1:${port} inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes`,
    // Being on this host is not enough: as on any submission port.
    "-o smtpd_client_restrictions=permit_sasl_authenticated,reject",
    ...more,
  ].join(" ");
}
const password = (text: string) => {
  process.env[`MAILTIDE_TEST_${text}`] = text;
  return { env: `MAILTIDE_TEST_${text}` };
};
const signedIn = (port: number, options: object = {}): Trip =>
  new Trip({
    host: "localhost",
    port,
    tls: "starttls",
    ca: authority.caPath,
    auth: { user: dovecot.user, password: password(dovecot.password) },
    listen: `127.0.0.1:${ports.door}`,
    ...options,
  });
const said = async (trip: Trip): Promise<string | undefined> => {
  const { ok, error, details } = await (await trip.start()).first();
  expect({ ok, refused: details?.refused }).toEqual({ ok: false, refused: true });
  return error;
};

test.each([
  ["STARTTLS", "submission", "starttls"],
  ["TLS at once", "smtps", "implicit"],
] as const)("with the right password over %s the mail goes in as a customer's", async (_, name, tls) => {
  const trip = await signedIn(ports[name], { tls }).start();
  try {
    await trip.until("it is back", ({ ok }) => ok);
  } finally {
    await trip.collector.stop();
  }
  const line = await until("it is logged", () =>
    /client=.*sasl_method=PLAIN, sasl_username=mailtide-probe\n/.exec(readFileSync(postfix.logPath, "utf8")),
  );
  expect(line[0]).toContain("sasl_username=mailtide-probe");
});

test("the wrong password is named with the step and the code, and not shown", async () => {
  const wrong = { auth: { user: dovecot.user, password: password("verkehrt") } };
  const error = await said(signedIn(ports.submission, wrong));
  expect(error).toMatch(/^localhost:\d+: refused at AUTH PLAIN: 535 5\.7\.8 .*authentication failed/);
  expect(error).not.toMatch(/verkehrt|dmVya2VocnQ/);
});

const unknownSigner = /^localhost:\d+: who signs the certificate is not known here.* while connecting$/;
test("a certificate that nobody known has signed, and one for another name", async () => {
  expect(await said(signedIn(ports.submission, { ca: undefined }))).toMatch(unknownSigner);
  expect(await said(signedIn(ports.smtps, { ca: undefined, tls: "implicit" }))).toMatch(unknownSigner);
  const name = "the certificate is not for localhost but for mx.elsewhere.test while connecting";
  expect(await said(signedIn(ports.otherName))).toBe(`localhost:${ports.otherName}: ${name}`);
  const trusting = await signedIn(ports.otherName, { verify: false }).start();
  await trusting.until("it is taken all the same", ({ ok }) => ok);
  await trusting.collector.stop();
});

test("silence on a port that is for TLS from the start says so, on the way in and in the mailbox", async () => {
  const sockets: Socket[] = [];
  const silent = [465, 993].map((port) => createServer((socket) => sockets.push(socket)).listen(port, "127.0.46.6"));
  try {
    const address = "127.0.46.6";
    expect((await (await signedIn(465, { host: address }).start()).first()).error).toContain(
      "no answer while connecting: port 465 is for TLS from the start, tls: implicit",
    );
    const mailbox = {
      host: address,
      port: 993,
      tls: "starttls",
      user: "u",
      password: password("geheim"),
      deadline: "1s",
      every: "1s",
    };
    const unread = signedIn(ports.submission, { listen: undefined, mailbox });
    expect((await (await unread.start()).first()).error).toContain(
      "no answer within 1 s (connecting and signing in: port 993 is for TLS from the start, tls: implicit)",
    );
  } finally {
    for (const socket of sockets) socket.destroy();
    for (const server of silent) server.close();
  }
});

test("STARTTLS or AUTH that is not offered is said, and the password stays here", async () => {
  expect(await said(signedIn(ports.noTls))).toBe(`localhost:${ports.noTls}: does not offer STARTTLS here`);
  expect(await said(signedIn(ports.noAuth))).toBe(`localhost:${ports.noAuth}: does not offer AUTH here`);
  expect(await said(signedIn(ports.noAuth, { tls: "implicit" }))).toContain(
    ": what answers does not speak TLS while connecting",
  );
  // Without a password the submission port does not take the mail either, and says so itself.
  expect(await said(signedIn(ports.submission, { auth: undefined }))).toMatch(
    /^localhost:\d+: refused at RCPT TO: 554 5\.7\.1 /,
  );
});
