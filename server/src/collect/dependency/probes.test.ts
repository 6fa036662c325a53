import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { dependencyId } from "@mailtide/shared";
import { afterEach, describe, expect, test, vi } from "vitest";
import { until } from "../../../test/real/process.ts";
import { steadyMs } from "../../../test/steady-clock.ts";
import type { ProbeObservation } from "../../core/observation.ts";
import type { PollCollector } from "../collector.ts";
import { certificate } from "./certificate/index.ts";
import { filter } from "./filter/index.ts";
import { http } from "./http/index.ts";
import { ldap } from "./ldap/index.ts";
import { redis } from "./redis/index.ts";
import { smtp } from "./smtp/index.ts";
import { tcp } from "./tcp/index.ts";

const id = { id: dependencyId("tested") };
const host = "127.0.0.1";
const times = { every: "1s", deadline: "1s" };

/** Every probe that connects somewhere, aimed at a port of this machine. */
const probes: Readonly<Record<string, (port: number) => PollCollector>> = {
  tcp: (port) => tcp.create(tcp.config.parse({ host, port, ...times }), id),
  http: (port) => http.create(http.config.parse({ url: `http://${host}:${port}/health`, ...times }), id),
  redis: (port) => redis.create(redis.config.parse({ url: `redis://${host}:${port}`, ...times }), id),
  ldap: (port) => ldap.create(ldap.config.parse({ url: `ldap://${host}:${port}`, ...times }), id),
  smtp: (port) => smtp.create(smtp.config.parse({ host, port, ...times }), id),
  clamd: (port) => filter.create(filter.config.parse({ kind: "clamd", host, port, ...times }), id),
  spamd: (port) => filter.create(filter.config.parse({ kind: "spamd", host, port, ...times }), id),
  rspamd: (port) => filter.create(filter.config.parse({ kind: "rspamd", host, port, ...times }), id),
  certificate: (port) => certificate.create(certificate.config.parse({ host, port, ...times }), id),
};
const names = Object.keys(probes);
const speaking = names.filter((name) => name !== "tcp");

const open = new Set<Server>();
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of open) server.close();
  await Promise.all([...open].map((server) => once(server, "close")));
  open.clear();
  sockets.clear();
});

async function serve(talk: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    talk(socket);
    socket.resume();
  });
  open.add(server);
  server.listen(0, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function probe(name: string, port: number): Promise<ProbeObservation> {
  const made = probes[name]?.(port);
  if (made === undefined) throw new Error(`no probe ${name}`);
  try {
    const { observations } = await made.poll(AbortSignal.timeout(60_000));
    return observations[0] as ProbeObservation;
  } finally {
    await made.stop();
  }
}

describe.each(names)("%s", (name) => {
  test("a port where nobody listens is refused, in words", async () => {
    const port = await serve(() => undefined);
    for (const server of open) server.close();
    const seen = await probe(name, port);
    expect(seen).toMatchObject({ kind: "probe", id: "tested", ok: false });
    expect(seen.error).toBe(`${host}:${port}: connection refused`);
  });
});

describe.each(speaking)("%s", (name) => {
  test("a server that says nothing is a result at the deadline, and nothing stays open", async () => {
    const port = await serve(() => undefined);
    const startMs = steadyMs();
    const seen = await probe(name, port);
    expect(steadyMs() - startMs).toBeLessThan(3_000);
    expect(seen.ok).toBe(false);
    expect(seen.error).toMatch(/^127\.0\.0\.1:\d+: no answer within 1 s(?: \([a-zA-Z ]+\))?$/u);
    expect(seen.latencySeconds).toBeGreaterThan(0.95);
    await until("nothing stays open", () => sockets.size === 0);
  });

  test("a server that talks nonsense fails, in words that fit a screen", async () => {
    const port = await serve((socket) => socket.end(`\u001b[31m<script>${"x".repeat(5_000)}\r\n\r\n`));
    const seen = await probe(name, port);
    expect(seen.ok).toBe(false);
    expect(seen.error?.length).toBeLessThanOrEqual(300);
  });

  test("a server that hangs up at once fails", async () => {
    const port = await serve((socket) => socket.destroy());
    expect((await probe(name, port)).ok).toBe(false);
  });
});

const answers: Readonly<Record<string, string>> = {
  clamd: "PONG\0",
  spamd: "SPAMD/1.5 0 PONG\r\n",
  rspamd: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npong\r\n",
  http: "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
  redis: "",
};

test.each(["clamd", "spamd", "rspamd", "http"])("%s: the right answer is health", async (name) => {
  const port = await serve((socket) => socket.once("data", () => socket.end(answers[name] ?? "")));
  expect(await probe(name, port)).toMatchObject({ ok: true });
});

const errorOf = async (made: PollCollector): Promise<string | undefined> =>
  ((await made.poll(AbortSignal.timeout(60_000))).observations[0] as ProbeObservation).error;

test("what is named is where it was tried: the standard port too, a socket, no path of an address, no credentials", async () => {
  expect(
    await errorOf(http.create(http.config.parse({ url: "http://[::1]:1/secret?token=secret", ...times }), id)),
  ).toBe("[::1]:1: connection refused");
  expect(await errorOf(filter.create(filter.config.parse({ kind: "clamd", socket: "/none.sock", ...times }), id))).toBe(
    "/none.sock: does not exist",
  );
  expect(await errorOf(tcp.create(tcp.config.parse({ host: "::1", port: 1, ...times }), id))).toMatch(/^\[::1\]:1: /u);
  vi.stubEnv("PROBED_REDIS", "redis://mailtide:secret@127.0.0.1:1/3");
  const redisUrl = { url: { env: "PROBED_REDIS" }, ...times };
  expect(await errorOf(redis.create(redis.config.parse(redisUrl), id))).toBe("127.0.0.1:1: connection refused");
  vi.unstubAllEnvs();
});

test("http: another status fails with its number", async () => {
  const port = await serve((socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")),
  );
  expect((await probe("http", port)).error).toContain(": answers 503");
});

test("smtp: a greeting is health, a refusal is quoted", async () => {
  const replies = ["250 mx", "221 bye"];
  const port = await serve((socket) => {
    socket.write("220 mx ESMTP\r\n");
    socket.on("data", () => socket.write(`${replies.shift() ?? "500"}\r\n`));
  });
  expect(await probe("smtp", port)).toMatchObject({ ok: true });
  const busy = await serve((socket) => socket.end("421 4.3.2 too busy\r\n"));
  expect((await probe("smtp", busy)).error).toMatch(/: says 421 4\.3\.2 too busy/u);
});

test("a dependency that keeps failing is asked less often, and as before once it answers", async () => {
  let works = false;
  const port = await serve((socket) => (works ? socket.once("data", () => socket.end("PONG\0")) : socket.destroy()));
  const made = probes["clamd"]?.(port);
  const every: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    await made?.poll(AbortSignal.timeout(60_000));
    every.push(made?.everySeconds ?? 0);
  }
  expect(every).toEqual([1, 1, 2, 3, 4]);
  works = true;
  await made?.poll(AbortSignal.timeout(60_000));
  expect(made?.everySeconds).toBe(1);
});
