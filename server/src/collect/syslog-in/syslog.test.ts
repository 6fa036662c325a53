import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { nodeId } from "@mailtide/shared";
import { afterEach, expect, test } from "vitest";
import { freePort, temporaryFolder, until } from "../../../test/real/process.ts";
import type { Observation } from "../../core/observation.ts";
import type { Collector, CollectorContext } from "../collector.ts";
import { postfixLog } from "../mta/postfix/index.ts";
import { SyslogHub } from "./hub.ts";
import type { SyslogListen } from "./listen.ts";
import { TakenCount } from "./taken-count.ts";

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Heard {
  readonly observations: Observation[];
  health: string;
}

async function start(collector: Collector, sink?: () => Promise<void>): Promise<Heard> {
  const heard: Heard = { observations: [], health: "" };
  const context: CollectorContext = {
    position: undefined,
    now: () => Date.now(),
    sink: async ({ observations }) => {
      await sink?.();
      heard.observations.push(...observations);
    },
    health: (state, problem) => (heard.health = problem ?? state),
    knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
    point: () => undefined,
  };
  await collector.start(context);
  stops.push(() => collector.stop());
  return heard;
}

const nodeOf = (hub: SyslogHub, id: string, syslog: object): Collector =>
  postfixLog.create(postfixLog.config.parse({ syslog }), { id: nodeId(id), timezone: "UTC", syslog: hub });

const idsOf = ({ observations }: Heard): (string | undefined)[] =>
  observations.map((each) => (each.kind === "log" ? each.event.queueId : each.kind));
const line = (id: string, host = "mx1"): string => `<22>Nov 24 10:00:00 ${host} postfix/qmgr[812]: ${id}: removed`;

async function dial(port: number, localAddress = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  stops.push(async () => socket.destroy());
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

async function listening(options: SyslogListen, ...nodes: [string, object][]): Promise<[Heard, ...Heard[]]> {
  const hub = new SyslogHub(options);
  const collectors = nodes.map(([id, syslog]) => nodeOf(hub, id, syslog));
  const own = await start(hub.collector());
  return [own, ...(await Promise.all(collectors.map((collector) => start(collector))))];
}

test("UDP: RFC 3164 and RFC 5424 reach the node that their sender is; hosts behind one relay are told apart", async () => {
  const udp = { host: "127.0.0.1", port: await freePort() };
  const [own, one, two] = await listening(
    { udp },
    ["mx1", { address: ["127.0.0.0/8"], host: ["mx1"] }],
    ["mx2", { address: ["127.0.0.1"], host: ["MX2.example.org"] }],
  );
  await until("that nothing came is said", () => one?.health.startsWith("nothing has come by syslog from 127"));
  const socket = createSocket("udp4");
  stops.push(async () => socket.close());
  const send = (text: string): void => socket.send(text, udp.port, udp.host);
  await until("it listens", () => {
    send(line("AAA111"));
    return (one?.observations.length ?? 0) > 0;
  });
  send("<22>1 2026-11-24T10:00:00.5Z mx2.example.org postfix/qmgr 812 - - BBB222: removed\n");
  send(line("CCC333", "elsewhere"));
  await until("the second node's", () => two?.observations.length === 1);
  expect(two?.observations[0]).toMatchObject({
    node: "mx2",
    atMs: Date.parse("2026-11-24T10:00:00.5Z"),
    event: { event: "removed", queueId: "BBB222" },
  });
  expect(new Set(one === undefined ? [] : idsOf(one))).toEqual(new Set(["AAA111"]));
  expect(one?.health).toBe("ok");
  await until("the stranger is named", () => own.health.includes("127.0.0.1 as elsewhere"));
  expect(own.health).toMatch(/^1 dropped that no node is configured for/);
});

test("TCP: a connection from an address that no node has is ended at once, and counted", async () => {
  const tcp = { host: "127.0.0.1", port: await freePort() };
  const [own] = await listening({ tcp }, ["mx1", { address: ["192.0.2.1"] }]);
  const socket = await until("it listens", () => dial(tcp.port));
  await until("it is ended", () => socket.destroyed || socket.readableEnded || socket.closed);
  await until("it is counted", () => own.health.includes("the last from 127.0.0.1"));
});

test("TCP: who hoards connections keeps nobody else out, and is named; those of others stay", async () => {
  const tcp = { host: "127.0.0.1", port: await freePort() };
  const [own, foe, honest] = await listening(
    { tcp },
    ["mx1", { address: ["127.0.0.2"] }],
    ["mx2", { address: ["127.0.0.3"] }],
  );
  const early = await until("it listens", () => dial(tcp.port, "127.0.0.3"));
  const hoard: Socket[] = [];
  for (let n = 0; n < 520; n++) hoard.push(await dial(tcp.port, "127.0.0.2"));
  hoard.at(-1)?.write(`${line("FFF666")}\n`);
  const late = await dial(tcp.port, "127.0.0.3");
  early.write(`${line("AAA111")}\n`);
  late.write(`${line("BBB222")}\n`);
  await until("both lines of the honest one", () => honest?.observations.length === 2);
  await until("the foe's newest is served as well", () => foe?.observations.length === 1);
  await until("it is named", () => own.health.includes("127.0.0.2: more than 512 connections are open"));
  await until("its oldest are ended", () =>
    hoard.slice(0, 10).every((socket) => socket.closed || socket.readableEnded),
  );
});

test("TCP: the last line of a stream needs no newline; a message that breaks off is marked", async () => {
  const tcp = { host: "127.0.0.1", port: await freePort() };
  const [, node] = await listening({ tcp }, ["mx1", { address: ["127.0.0.1"] }]);
  const one = await until("it listens", () => dial(tcp.port));
  one.end(`${line("AAA111")}\n${line("BBB222")}`);
  await until("both lines", () => node?.observations.length === 2);
  const two = await dial(tcp.port);
  two.end(`500 ${line("CCC333")}`);
  await until("the part", () => node?.observations.length === 3);
  expect(node?.observations).toMatchObject([
    { event: { queueId: "AAA111" } },
    { event: { queueId: "BBB222" } },
    { event: { queueId: "CCC333", truncated: true } },
  ]);
});

test("UDP: what the kernel had no room for is told: a flood of strangers may cost the lines of others", async () => {
  const udp = { host: "127.0.0.1", port: await freePort() };
  const [own, node] = await listening({ udp }, ["mx1", { address: ["127.0.0.1"] }]);
  const socket = createSocket("udp4");
  stops.push(async () => socket.close());
  await until("it listens", () => {
    socket.send(line("AAA111"), udp.port, udp.host);
    return (node?.observations.length ?? 0) > 0;
  });
  const flood = `const socket = require("node:dgram").createSocket("udp4");
    let left = 20000;
    const next = () => left-- > 0 ? socket.send(Buffer.alloc(2000), ${udp.port}, "127.0.0.1", next) : socket.close();
    socket.bind(0, "127.0.0.9", next);`;
  // Nobody reads meanwhile.
  execFileSync(process.execPath, ["-e", flood]);
  await until("the loss", () => /^\d{2,} datagrams came faster than they could be read/.test(own.health));
});

test("TCP: a sender that is faster than the pipeline waits and loses nothing", async () => {
  const tcp = { host: "127.0.0.1", port: await freePort() };
  const hub = new SyslogHub({ tcp });
  let open: (() => void) | null = null;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const node = await start(nodeOf(hub, "mx1", { address: ["127.0.0.1"] }), () => gate);
  await start(hub.collector());
  const socket = await until("it listens", () => dial(tcp.port));
  const all = Array.from({ length: 60_000 }, (_, index) =>
    line(`A${index.toString(16).toUpperCase().padStart(7, "0")}`),
  );
  let sent = false;
  socket.write(all.map((text) => `${Buffer.byteLength(text)} ${text}`).join(""), () => (sent = true));
  await until("some arrived", () => socket.bytesWritten > 0);
  (open as (() => void) | null)?.();
  await until("all", () => node.observations.length >= all.length);
  expect(sent).toBe(true);
  expect(idsOf(node)).not.toContain("loss");
  expect(new Set(idsOf(node)).size).toBe(all.length);
});

test("TCP: what was read of a connection that is ended while it is made to wait is taken", async () => {
  const tcp = { host: "127.0.0.1", port: await freePort() };
  const folder = temporaryFolder("syslog-rest");
  stops.push(async () => folder.remove());
  const hub = new SyslogHub({ tcp });
  const inbox = hub.open(["127.0.0.2"], undefined);
  const { count } = TakenCount.open(join(folder.path, "mx1"), 0);
  inbox.count = count;
  stops.push(async () => count.close());
  await start(hub.collector());
  const waiting = await until("it listens", () => dial(tcp.port, "127.0.0.2"));
  waiting.write(`${line("AAA111")}\n`.repeat(30_000));
  await until("it has to wait", () => inbox.filling);
  const before = count.value;
  // It is the one that was silent longest.
  for (let n = 0; n < 512; n++) await dial(tcp.port, "127.0.0.2");
  await until("it is ended", () => waiting.closed || waiting.readableEnded);
  expect(count.value).toBeGreaterThan(before + 100);
  const { lines, dropped } = inbox.take();
  expect(lines.length + dropped).toBe(count.value);
});

test("UDP: what finds no room is counted as lost", async () => {
  const hub = new SyslogHub({});
  const inbox = hub.open(["127.0.0.1"], undefined);
  for (let index = 0; index < 20_005; index++) inbox.put({ bytes: Buffer.from("x"), truncated: false });
  expect(inbox.take()).toMatchObject({ lines: { length: 20_000 }, dropped: 5 });
});

test("TLS: only who has a certificate of the authority may send", async () => {
  const folder = temporaryFolder("syslog-tls");
  stops.push(async () => folder.remove());
  const [cert, key] = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"].concat([
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost",
      "-keyout",
      key,
      "-out",
      cert,
    ]),
    { stdio: "pipe" },
  );
  const tls = { listen: { host: "127.0.0.1", port: await freePort() }, cert, key, ca: cert };
  const [own, node] = await listening({ tls }, ["mx1", { address: ["127.0.0.1"] }]);
  const say = (own: object, id: string): void => {
    const socket = connectTls({
      port: tls.listen.port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: readFileSync(cert),
      ...own,
    });
    socket.on("error", () => undefined);
    stops.push(async () => socket.destroy());
    const text = line(id);
    socket.write(`${text.length} ${text}`);
  };
  await until("the one with a certificate is heard", () => {
    say({}, "BADBAD");
    say({ cert: readFileSync(cert), key: readFileSync(key) }, "ABCDEF");
    return (node?.observations.length ?? 0) > 0;
  });
  expect(new Set(node === undefined ? [] : idsOf(node))).toEqual(new Set(["ABCDEF"]));

  // Whoever set the sender up is told why nothing comes.
  await until("who shows none is told why", () => {
    say({}, "BADBAD");
    return own.health.includes("from 127.0.0.1: it shows no certificate, and with syslog.tls.ca it must");
  });
  const [other, otherKey] = [join(folder.path, "other.pem"), join(folder.path, "other-key.pem")];
  const made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=other";
  execFileSync("openssl", [...made.split(" "), "-keyout", otherKey, "-out", other], { stdio: "pipe" });
  await until("so is who shows another's", () => {
    say({ cert: readFileSync(other), key: readFileSync(otherKey) }, "BADBAD");
    return own.health.includes("from 127.0.0.1: its certificate is not signed by syslog.tls.ca");
  });
  await until("so is who does not trust ours", () => {
    say({ ca: readFileSync(other) }, "BADBAD");
    return own.health.includes("does not trust the certificate of syslog.tls.cert");
  });
  await until("so is who speaks no TLS", async () => {
    (await dial(tls.listen.port)).write(`${line("BADBAD")}\n`);
    return own.health.includes("it speaks no TLS on the port for it");
  });
  expect(new Set(node === undefined ? [] : idsOf(node))).toEqual(new Set(["ABCDEF"]));
});

/** What is said of where it cannot listen. */
async function said(options: SyslogListen): Promise<string> {
  const [own] = await listening(options);
  await until("it is said", () => own.health.includes("cannot listen"));
  return own.health;
}

test("where it cannot listen, and why, is said in words with the key of the configuration", async () => {
  const port = await freePort();
  const at = { host: "127.0.0.1", port };
  const folder = temporaryFolder("syslog-words");
  stops.push(async () => folder.remove());
  const empty = join(folder.path, "empty.pem");
  writeFileSync(empty, "");
  expect(await said({ tls: { listen: at, cert: "/none.pem", key: "/none.pem" } })).toContain(
    `cannot listen for syslog over TLS at 127.0.0.1:${port}: syslog.tls.cert: /none.pem does not exist`,
  );
  expect(await said({ tls: { listen: at, cert: empty, key: empty } })).toContain(
    "syslog.tls.cert: holds no certificate",
  );
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(port, "127.0.0.1", resolve));
  stops.push(() => new Promise<void>((resolve) => taken.close(() => resolve())));
  expect(await said({ tcp: at })).toContain(`at 127.0.0.1:${port}: another program has this port (EADDRINUSE)`);
});
