import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecure } from "node:https";
import { connect, createServer as createNetServer, type Socket } from "node:net";
import { dependencyId } from "@mailtide/shared";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Authority, makeAuthority } from "../../../../test/real/certificates.ts";
import { asked } from "../../../../test/real/probing.ts";
import { runProgram, until } from "../../../../test/real/process.ts";
import { tcp } from "../tcp/index.ts";
import { http } from "./index.ts";

let authority: Authority;
const servers: Server[] = [];
beforeAll(() => {
  authority = makeAuthority();
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});
afterAll(() => authority.remove());

async function serve(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}
const well = (_request: IncomingMessage, response: ServerResponse) => void response.end("fine");
const answering = (answer: (request: IncomingMessage, response: ServerResponse) => void) => serve(createServer(answer));

async function judged(url: string, more: Readonly<Record<string, unknown>> = {}) {
  return asked(http.create(http.config.parse({ url, deadline: "20s", ...more }), { id: dependencyId("api") }));
}

test("status, text and redirect", async () => {
  const port = await answering(({ url }, response) => {
    if (url === "/moved") response.writeHead(302, { location: "https://login.example.net/?token=geheim" }).end();
    else if (url === "/busy") response.writeHead(503).end("busy");
    else response.end("state: fine");
  });
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;
  expect(await judged(at("/"), { contains: "state: fine" })).toMatchObject({ ok: true, type: "http" });
  expect((await judged(at("/"), { contains: "state: good" })).error).toContain(
    ": the answer does not hold the expected text",
  );
  expect((await judged(at("/busy"))).error).toContain(": answers 503");
  expect(await judged(at("/moved"))).toMatchObject({ ok: true });
  expect((await judged(at("/moved"), { status: [200] })).error).toContain(
    ": answers 302, which leads to https://login.example.net/",
  );
});

test("hung before the answer and in the middle of it are told apart, and nothing stays open", async () => {
  const open = new Set<Socket>();
  const server = createServer(({ url }, response) => {
    if (url !== "/silent") response.write("the first half");
  });
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  const port = await serve(server);
  expect((await judged(`http://127.0.0.1:${port}/silent`, { deadline: "1s" })).error).toContain(
    ": no answer within 1 s (the answer)",
  );
  expect((await judged(`http://127.0.0.1:${port}/`, { contains: "second", deadline: "1s" })).error).toContain(
    ": no answer within 1 s (the rest of the answer)",
  );
  await until("nothing stays open", () => open.size === 0);
});

test("an answer without end is read so far only", async () => {
  const port = await answering((_request, response) => {
    const more = () => void (response.writable && response.write("x".repeat(16_384), () => setImmediate(more)));
    more();
  });
  expect((await judged(`http://127.0.0.1:${port}/`, { contains: "needle" })).error).toContain(
    ": the answer does not hold the expected text",
  );
});

test("TLS: trusted with its authority, else named; a plain server that is asked for TLS", async () => {
  const secure = await serve(createSecure(authority.make(), well));
  expect(await judged(`https://127.0.0.1:${secure}/`, { ca: authority.caPath })).toMatchObject({ ok: true });
  expect((await judged(`https://127.0.0.1:${secure}/`)).error).toMatch(
    /: who signs the certificate is not known here/u,
  );
  expect((await judged(`https://127.0.0.1:${secure}/`, { ca: "/none.pem" })).error).toBe(
    `127.0.0.1:${secure}: /none.pem does not exist`,
  );
  const ended = await serve(createSecure(authority.make({ fromDays: -9, untilDays: -1 }), well));
  expect((await judged(`https://127.0.0.1:${ended}/`, { ca: authority.caPath })).error).toContain(
    ": a certificate of the chain has ended",
  );
  const named = await serve(createSecure(authority.make({ names: ["api.example.net"] }), well));
  expect((await judged(`https://127.0.0.1:${named}/`, { ca: authority.caPath })).error).toContain(
    ": the certificate is not for 127.0.0.1 but for api.example.net",
  );
  const plain = await answering(well);
  expect((await judged(`https://127.0.0.1:${plain}/`)).error).toContain(": what answers does not speak TLS");
  expect((await judged(`http://127.0.0.1:${secure}/`)).error).toContain(": wants TLS: https:// in place of http://");
});

test("a server that answers what comes in clear on its port for TLS with 400, as nginx does, wants TLS too", async () => {
  const secure = createSecure(authority.make(), well);
  const plain = createServer((_request, response) => response.writeHead(400).end("plain HTTP"));
  const port = await serve(
    createNetServer((socket) =>
      socket.once("data", (first) => {
        socket.pause().unshift(first);
        (first[0] === 0x16 ? secure : plain).emit("connection", socket);
        process.nextTick(() => socket.resume());
      }),
    ) as Server,
  );
  expect((await judged(`http://127.0.0.1:${port}/`)).error).toContain(": wants TLS: https:// in place of http://");
  const bad = await answering((_request, response) => response.writeHead(400).end());
  expect((await judged(`http://127.0.0.1:${bad}/`)).error).toContain(": answers 400");
});

test("tcp: the system accepts connections for a stopped server until its backlog is full; its greeting tells sooner", async () => {
  const program = `const s = require("node:net").createServer((c) => c.end("220 mx ESMTP\\r\\n"));
    s.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log("port " + s.address().port + "."))`;
  const server = runProgram(process.execPath, ["-e", program]);
  const port = Number(await until("it listens", () => /port (\d+)\./u.exec(server.output())?.[1]));
  const judgedTcp = (more: Readonly<Record<string, unknown>> = {}) =>
    asked(
      tcp.create(tcp.config.parse({ host: "127.0.0.1", port, deadline: "20s", ...more }), { id: dependencyId("t") }),
    );
  expect(await judgedTcp({ greets: "220" })).toMatchObject({ ok: true });
  expect((await judgedTcp({ greets: "* OK" })).error).toContain(': greets with "220 mx ESMTP"');
  server.child.kill("SIGSTOP");
  expect(await judgedTcp()).toMatchObject({ ok: true });
  expect((await judgedTcp({ greets: "220", deadline: "1s" })).error).toContain(": no answer within 1 s (the greeting)");
  const waiting = Array.from({ length: 8 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  await until(
    "the backlog is full",
    async () => (await judgedTcp({ deadline: "1s" })).error?.endsWith("(connecting)") === true,
  );
  for (const socket of waiting) socket.destroy();
  await server.stop("SIGKILL");
  expect((await judgedTcp()).error).toContain(": connection refused");
});
