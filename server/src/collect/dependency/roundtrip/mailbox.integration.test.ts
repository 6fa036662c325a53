import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, linkSync, mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { ImapFlow } from "imapflow";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Authority, makeAuthority } from "../../../../test/real/certificates.ts";
import { type RealDovecot, startDovecot } from "../../../../test/real/dovecot.ts";
import { type RunningPostfix, startPostfix } from "../../../../test/real/postfix.ts";
import { freePort, idsOf, until } from "../../../../test/real/process.ts";
import { startSmtpServer } from "../../../../test/real/smtp-server.ts";
import { Trip } from "../../../../test/trip.ts";
import { tryCollector } from "../../../doctor/try-collector.ts";

/** Whoever reads the mailbox as its user would. */
async function reader(): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "localhost",
    port: dovecot.imapsPort,
    secure: true,
    tls: { ca: authority.ca },
    auth: { user: dovecot.user, pass: dovecot.password },
    logger: false,
  });
  await client.connect();
  return client;
}

let authority: Authority;
let dovecot: RealDovecot;
/** One that neither tells what is new nor deletes a single mail. */
let plain: RealDovecot;
let postfix: RunningPostfix;
beforeAll(async () => {
  authority = makeAuthority();
  const certificate = authority.make({ names: ["localhost"] });
  dovecot = await startDovecot(certificate);
  plain = await startDovecot(certificate, "imap_capability = IMAP4rev1 LITERAL+");
  process.env["MAILTIDE_TEST_MAILBOX"] = dovecot.password;
  process.env["MAILTIDE_TEST_WRONG"] = "verkehrt";
  postfix = await startPostfix({
    routes: { "own.test": 0, "plain.test": 0 },
    minimalBackoffSeconds: 1,
    maximalBackoffSeconds: 2,
    queueRunDelaySeconds: 1,
    settings: {
      recipient_delimiter: "+",
      transport_maps: `inline:{${[
        `{own.test=lmtp:[127.0.0.1]:${dovecot.lmtpPort}}`,
        `{plain.test=lmtp:[127.0.0.1]:${plain.lmtpPort}}`,
      ].join(",")}}`,
      // One that is turned away once is tried again at once.
      default_destination_concurrency_failed_cohort_limit: "0",
    },
  });
});
afterAll(async () => {
  await postfix?.stop();
  await dovecot?.stop();
  await plain?.stop();
  authority?.remove();
});
beforeEach(() => void dovecot.doveadm("expunge", "mailbox", "INBOX", "all"));

const read = (mailbox: object = {}, options: object = {}, position?: unknown): Trip =>
  new Trip(
    {
      port: postfix.smtpPort,
      mailbox: {
        host: "localhost",
        port: dovecot.imapsPort,
        ca: authority.caPath,
        user: dovecot.user,
        password: { env: "MAILTIDE_TEST_MAILBOX" },
        every: "1s",
        ...mailbox,
      },
      ...options,
    },
    position,
  );
/** UID, flags and subject of what is in the mailbox. */
const inside = (server = dovecot, folder = "INBOX"): string[] =>
  server
    .doveadm("fetch", "uid flags hdr.subject", "mailbox", folder)
    .split("\f")
    .map((each) => each.trim().replaceAll(/\n/g, " "))
    .filter((each) => each !== "");
const hasUnread = (subject: string): boolean =>
  inside().some((each) => each.endsWith(`subject: ${subject}`) && !each.includes("\\Seen"));

test("a mail goes through Postfix into a mailbox, is read, and is deleted; what else is there stays as it is", async () => {
  dovecot.save("Subject: Mailtide round trip, they say\nFrom: a@b.test\n\nforged\n");
  dovecot.save(`Subject: marked\nMailtide-Probe: ${"0".repeat(64)}\n\nby somebody\n`);
  dovecot.doveadm("flags add", "\\Deleted", "mailbox", "INBOX", "subject", "marked");
  const trip = await read().start();
  try {
    const seen = await trip.until("it is back", ({ ok }) => ok);
    expect(seen).toMatchObject({ type: "roundtrip", details: { probesOut: 0 } });
    expect(seen.latencySeconds).toBeLessThan(20);
    dovecot.save(`Subject: Mailtide round trip\nMailtide-Probe: ${"1".repeat(64)}\n\nforged, and new\n`);
    dovecot.save("Subject: Mailtide round trip\n\nforged, without\n");
    const back = trip.told.length;
    await trip.until(
      "another is back, and strangers were counted",
      ({ ok, details }) => ok && details?.strangers === 2 && trip.told.length > back,
    );
    await until("ours are deleted", async () => {
      await trip.look();
      return inside().length === 4;
    });
  } finally {
    await trip.collector.stop();
  }
  expect(hasUnread("Mailtide round trip, they say")).toBe(true);
  expect(inside().filter((each) => each.includes("\\Deleted"))).toHaveLength(1);
});

test("its own clock alone tells the time: a mailbox server may date mail as it likes", async () => {
  const client = await reader();
  const dates = [new Date(Date.UTC(2001, 0, 1)), new Date(Date.now() + 86_400_000)];
  const platform = await startSmtpServer({
    async message({ text }) {
      await client.append("INBOX", text, [], dates.shift() ?? new Date());
      return "250 2.0.0 Ok: queued as 4A1B2C3D4E";
    },
  });
  // It is told what is new: long before it would look.
  const mailbox = { port: dovecot.imapPort, tls: "starttls", every: "100s" };
  const trip = await read(mailbox, { port: platform.port }).start();
  try {
    await trip.until("all dates were used", () => dates.length === 0);
    await trip.until("all are back", ({ details }) => details?.probesOut === 0);
    expect(trip.told.every(({ ok, latencySeconds }) => ok && latencySeconds < 20)).toBe(true);
  } finally {
    await trip.collector.stop();
    await platform.stop();
    await client.logout();
  }
});

test("a server that tells nothing and cannot delete a single mail is looked at, and ours are only marked", async () => {
  plain.save("Subject: marked by somebody\n\nx\n");
  plain.doveadm("flags add", "\\Deleted", "mailbox", "INBOX", "all");
  const trip = await read({ port: plain.imapsPort }, { to: "mailtide-probe@plain.test" }).start();
  const marked = (subject: string): boolean =>
    inside(plain).some((each) => each.includes("\\Deleted") && each.endsWith(`subject: ${subject}`));
  try {
    await trip.until("it is back", ({ ok }) => ok);
    await until("ours is marked", async () => {
      await trip.look();
      return marked("Mailtide round trip");
    });
  } finally {
    await trip.collector.stop();
  }
  expect(marked("marked by somebody")).toBe(true);
});

test("what answers may be no mailbox server, or an evil one", async () => {
  const { cert, key } = authority.make({ names: ["localhost"] });
  const evil: Readonly<Record<string, (socket: TLSSocket) => void>> = {
    silent: () => undefined,
    endless: (socket) => {
      const more = (): void =>
        void (socket.destroyed || (socket.write("* OK ".padEnd(65_536, "x")), setImmediate(more)));
      more();
    },
    large: (socket) => void socket.write(`* OK hello\r\n* LIST {${10 ** 9}}\r\n${"x".repeat(100_000)}`),
    other: (socket) => void socket.write("220 mx.own.test ESMTP\r\n"),
    stubborn: (socket) => {
      socket.write("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n");
      socket.on("data", (line) => socket.write(`${String(line).split(" ")[0]} BAD \u202E a@b.test no\r\n`));
    },
  };
  for (const [name, greet] of Object.entries(evil)) {
    const server = createServer({ cert, key }, (socket) => {
      socket.on("error", () => socket.destroy());
      greet(socket);
    });
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => sockets.add(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { ok, error } = await (await read({ port, deadline: "1s" }).start()).first();
    expect({ name, ok }).toEqual({ name, ok: false });
    expect(error).toMatch(/^the mailbox cannot be read: localhost:\d+: (?:no answer within 1 s \(|[ -~]+ while )/);
    expect(error).not.toMatch(/a@b\.test/);
    expect(error?.length).toBeLessThan(300);
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

test("among 100,000 others, a giant and a hostile one it is found as quickly", { timeout: 900_000 }, async () => {
  const { uid, gid } = idsOf("mail") ?? { uid: 8, gid: 8 };
  const folder = join(dovecot.maildir, "cur");
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  // A file can have so many names only.
  for (const part of [0, 1]) {
    const one = join(folder, `1000000000.P${part}.others:2,`);
    writeFileSync(one, "Subject: Mailtide round trip\nFrom: a@b.test\n\nan old one\n");
    chownSync(one, uid, gid);
    for (let at = 1; at < 50_000; at += 1) linkSync(one, join(folder, `1000000000.P${part}M${at}.others:2,`));
  }
  // Seldom, so that there are times in which none is on its way.
  const trip = await read({}, { every: "10s" }).start();
  try {
    await trip.until("it is back", ({ ok }) => ok);
    // Old mail of the same subject is not even looked at.
    expect(trip.told.at(-1)?.details).not.toHaveProperty("strangers");
    dovecot.save(`Subject: Mailtide round trip\nMailtide-Probe: ${"a".repeat(8_000_000)}\n\nx\n`);
    dovecot.save(`Subject: Mailtide round trip\n${"X-A: b\n".repeat(500_000)}Mailtide-Probe: ${"2".repeat(64)}\n\nx\n`);
    dovecot.save(`Subject: Mailtide round trip\n\n${"0123456789abcdef\n".repeat(1_000_000)}`);
    const before = process.memoryUsage().rss;
    const seen = await trip.until("both are seen", ({ ok, details }) => ok && details?.strangers === 3);
    expect(seen.latencySeconds).toBeLessThan(20);
    // Far less than what lies there, which is 28 MB; a collection of garbage may be due.
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    const ours = async (): Promise<boolean> => {
      await trip.look();
      return count() === 100_003;
    };
    await until("ours are deleted, and nothing else", ours);
    // The worst case: all of it is new, because the folder was made anew, and all of it looks like ours.
    const { position } = trip;
    await trip.collector.stop();
    const again = await read(
      {},
      { every: "10s" },
      { ...(position as object), back: { validity: "1", next: 1, ours: [1, 2] } },
    ).start();
    const startedMs = Date.now();
    // The mail that was sent meanwhile is among the youngest 2,000.
    await again.until("it is looked through", ({ ok, details }) => ok && (details?.strangers ?? 0) >= 1_990);
    console.log(`100,000 mails looked through in ${Date.now() - startedMs} ms`);
    await until("what was ours is deleted, and nothing else", async () => {
      await again.look();
      return count() === 100_003;
    });
    await again.collector.stop();
  } finally {
    await trip.collector.stop();
    execFileSync("rm", ["-r", folder]);
    mkdirSync(folder);
    chownSync(folder, uid, gid);
  }
});
const count = (): number => Number(/messages=(\d+)/.exec(dovecot.doveadm("mailbox status", "messages", "INBOX"))?.[1]);

test("a mailbox server that hangs, and one that is not there, are results that say so, and it goes on", async () => {
  const trip = await read({ deadline: "2s" }).start();
  try {
    await trip.until("it is back", ({ ok }) => ok);
    dovecot.freeze();
    const hung = await trip.until("it hangs", ({ ok }) => !ok);
    expect(hung.error).toMatch(/^the mailbox cannot be read: localhost:\d+: no answer within 2 s \(.*\)$/);
    expect(hung.details).toMatchObject({ unreadable: true });
    dovecot.thaw();
    await trip.until("it is read again", ({ ok }) => ok);
    await dovecot.kill();
    const gone = await trip.until("it is gone", ({ ok }) => !ok);
    expect(gone.error).toMatch(
      /^the mailbox cannot be read: localhost:\d+: connection (?:refused|closed|reset) while connecting/,
    );
    await dovecot.start();
    await trip.until("what has waited is back", ({ ok, details }) => ok && details?.probesOut === 0);
  } finally {
    dovecot.thaw();
    await trip.collector.stop();
  }
});

/** The position with which a mail is out that the platform has taken. */
const one = (trip: Trip): Promise<object> =>
  until("a mail is out", async () => {
    await trip.look();
    const { out } = trip.position as { readonly out: readonly { readonly taken: boolean }[] };
    return out.length === 1 && out[0]?.taken && (trip.position as object);
  });

test("a restart forgets neither what is out nor what is to be deleted", async () => {
  const before = await read().start();
  await before.until("it is back", ({ ok }) => ok);
  // As after kill -9, with a mail that lies there already and one that waits in the queue.
  execFileSync("postconf", ["-c", postfix.configFolder, "defer_transports=lmtp"]);
  execFileSync("postfix", ["-c", postfix.configFolder, "reload"], { stdio: "pipe" });
  const position = await one(before);
  await before.collector.stop();
  execFileSync("postconf", ["-c", postfix.configFolder, "-X", "defer_transports"]);
  execFileSync("postfix", ["-c", postfix.configFolder, "reload"], { stdio: "pipe" });
  await until("it has come while nobody looked", () => {
    postfix.flush();
    return hasUnread("Mailtide round trip");
  });
  const after = await read({}, {}, position).start();
  try {
    const seen = await after.until("it is found", ({ ok, details }) => ok && details?.probesOut === 0);
    expect(seen.details).not.toHaveProperty("strangers");
    await until("it is deleted", async () => {
      await after.look();
      return !hasUnread("Mailtide round trip");
    });
  } finally {
    await after.collector.stop();
  }
});

test("a mail that is taken for spam fails by that name, over a restart too, and is deleted where it is", async () => {
  dovecot.doveadm("mailbox create", "Junk");
  const client = await reader();
  let filed: "Junk" | "INBOX" | null = "Junk";
  const held: string[] = [];
  const platform = await startSmtpServer({
    async message({ text }) {
      if (filed === null) held.push(text);
      else await client.append(filed, text);
      return "250 2.0.0 Ok: queued as 4A1B2C3D4E";
    },
  });
  const spam = { error: expect.stringMatching(/^taken for spam: back after \d+ s, in the folder Junk$/) as string };
  const withJunk = (position?: unknown) => read({ junk: "Junk" }, { port: platform.port }, position).start();
  const before = await withJunk();
  let after: Trip | null = null;
  try {
    const seen = await before.until("it fails", ({ ok }) => !ok);
    expect(seen).toMatchObject({ ...spam, details: { misfiled: true } });
    expect(seen.latencySeconds).toBeLessThan(20);
    filed = "INBOX";
    const well = await before.until("the next is well", ({ ok, details }) => ok && details?.probesOut === 0);
    expect(well.details).not.toHaveProperty("misfiled");
    await until("both are deleted", async () => {
      await before.look();
      return inside(dovecot, "Junk").length === 0 && inside().length === 0;
    });
    filed = null;
    // Sent within a look, after which it is known to be out.
    await before.until("one is out and nowhere", () => held.length > 0);
    const { position } = before;
    await before.collector.stop();
    for (const text of held) await client.append("Junk", text);
    // None that is sent from now on is back before it.
    after = await withJunk(position);
    await after.until("it is found", ({ details }) => details?.misfiled === true);
  } finally {
    await before.collector.stop();
    await after?.collector.stop();
    await platform.stop();
    await client.logout();
    dovecot.doveadm("mailbox delete", "Junk");
  }
  expect((await (await read({ junk: "Spam" }).start()).first()).error).toMatch(
    /^the mailbox cannot be read: localhost:\d+: refused while opening the folder: .*Spam/,
  );
});

test("a folder that was made anew, with the mail in it, is looked through once more", async () => {
  const trip = read({ folder: "Probes" }, { every: "60s" });
  dovecot.doveadm("mailbox create", "Probes");
  await trip.start();
  try {
    await one(trip);
    await until("it came to another", () => hasUnread("Mailtide round trip"));
    dovecot.doveadm("mailbox delete", "Probes");
    dovecot.doveadm("mailbox create", "Probes");
    dovecot.doveadm("move", "Probes", "mailbox", "INBOX", "all");
    await trip.until("it is found in the new one", ({ ok, details }) => ok && details?.probesOut === 0);
  } finally {
    await trip.collector.stop();
    dovecot.doveadm("mailbox delete", "Probes");
  }
});

const unreadable = (port: number): string => `the mailbox cannot be read: localhost:${port}: `;
test("what is wrong with the way to the mailbox is said before a mail is sent", async () => {
  const said = async (mailbox: object): Promise<string | undefined> =>
    (await (await read(mailbox).start()).first()).error;
  const free = await freePort();
  expect(await said({ password: { env: "MAILTIDE_TEST_WRONG" } })).toMatch(
    /^the mailbox cannot be read: localhost:\d+: refused while signing in: AUTHENTICATIONFAILED Authentication failed\.$/,
  );
  expect(await said({ ca: undefined })).toMatch(/who signs the certificate is not known here.*while connecting/);
  expect(await said({ host: "127.0.0.1" })).toMatch(/the certificate is not for 127\.0\.0\.1 but for localhost while/);
  expect(await said({ folder: "Nowhere" })).toMatch(/refused while opening the folder: .*Mailbox doesn't exist/);
  expect(await said({ port: dovecot.imapPort })).toContain(
    `${unreadable(dovecot.imapPort)}what answers does not speak TLS`,
  );
  expect(await said({ port: free })).toBe(`${unreadable(free)}connection refused while connecting and signing in`);
  expect(inside()).toEqual([]);
  const tried = await tryCollector(read().collector);
  expect(tried).toMatchObject({ verdict: "ok", says: expect.stringMatching(/^a mail was back after \d+\.\d s$/) });
  expect(inside()).toEqual([]);
  const wrong = await tryCollector(read({ password: { env: "MAILTIDE_TEST_WRONG" } }).collector);
  expect(wrong).toMatchObject({ verdict: "FAILS", says: expect.stringContaining("refused while signing in") });
});
