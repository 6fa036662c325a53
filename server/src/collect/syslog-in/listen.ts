import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { certificateOf, pem } from "../../config/certificate.ts";
import type { SourceLine } from "../tail/source.ts";
import { longestLineBytes } from "../tail/split.ts";
import { type Address, addressOf, type ListenAddress } from "./addresses.ts";
import { Connections } from "./connections.ts";
import { BadFraming, SyslogFraming, withoutEnd } from "./framing.ts";
import type { Inbox } from "./inbox.ts";
import { lostDatagrams } from "./lost-datagrams.ts";
import { tlsWords } from "./tls-words.ts";

export interface SyslogListen {
  readonly udp?: ListenAddress | undefined;
  readonly tcp?: ListenAddress | undefined;
  /** `ca`: only senders with a certificate that it signed. Paths of PEM files. */
  readonly tls?:
    | { readonly listen: ListenAddress; readonly cert: string; readonly key: string; readonly ca?: string | undefined }
    | undefined;
}

/** Who takes what was heard. */
export interface SyslogTaker {
  isKnown(address: Address): boolean;
  take(line: SourceLine, from: Address): Inbox | null;
  refuse(who: string, why?: string): void;
}

export interface Listening {
  /** Why it cannot listen somewhere; null when all is well. */
  problem(): string | null;
  /** Datagrams that the kernel let go since the start, as they came faster than they were read; of nobody knows whom. */
  lost(): number;
  close(): Promise<void>;
}

/** Syslog over UDP (RFC 5426), TCP (RFC 6587) and TLS (RFC 5425). A place that cannot be had is tried again. */
export function listen(options: SyslogListen, taker: SyslogTaker): Listening {
  const problems = new Map<string, string>();
  const ends: (() => Promise<void>)[] = [];
  const { udp, tcp, tls } = options;
  // Of another program's, at another address.
  const lostBefore = udp === undefined ? 0 : (lostDatagrams(udp.port) ?? 0);
  if (udp !== undefined) ends.push(keepTrying("UDP", udp, problems, () => openUdp(udp, taker)));
  if (tcp !== undefined)
    ends.push(keepTrying("TCP", tcp, problems, () => openStream(createServer(), "connection", tcp, taker)));
  if (tls !== undefined)
    ends.push(
      keepTrying("TLS", tls.listen, problems, () => openStream(tlsServer(tls), "secureConnection", tls.listen, taker)),
    );
  return {
    problem: () => problems.values().next().value ?? null,
    lost: () => Math.max(0, (udp === undefined ? 0 : (lostDatagrams(udp.port) ?? 0)) - lostBefore),
    async close() {
      await Promise.all(ends.map((end) => end()));
    },
  };
}

type Close = () => Promise<void>;

function keepTrying(
  what: string,
  { host, port }: ListenAddress,
  problems: Map<string, string>,
  open: () => Promise<Close>,
): Close {
  let closed = false;
  let close: Close | null = null;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (): Promise<void> => {
    try {
      close = await open();
      problems.delete(what);
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      const why = words[code] === undefined ? message : `${words[code]} (${code})`;
      problems.set(what, `cannot listen for syslog over ${what} at ${host}:${port}: ${why}`);
      if (!closed) timer = setTimeout(again, retryMs);
    }
  };
  function again(): void {
    last = attempt();
  }
  let last = attempt();
  return async () => {
    closed = true;
    clearTimeout(timer);
    await last;
    await close?.();
  };
}

const words: Readonly<Record<string, string | undefined>> = {
  EADDRINUSE: "another program has this port",
  EACCES: "this user may not open it: a port above 1023 can be",
  EADDRNOTAVAIL: "that is no address of this host",
};

function openUdp({ host, port }: ListenAddress, taker: SyslogTaker): Promise<Close> {
  const socket: UdpSocket = createSocket({ type: host.includes(":") ? "udp6" : "udp4", recvBufferSize: 4 << 20 });
  socket.on("message", (message, { address }) => {
    const from = addressOf(address);
    if (from === null) return;
    const bytes = withoutEnd(message);
    const truncated = bytes.length > longestLineBytes;
    if (bytes.length > 0)
      taker.take({ bytes: truncated ? bytes.subarray(0, longestLineBytes) : bytes, truncated }, from);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, host, () => {
      socket.removeListener("error", reject);
      socket.on("error", () => undefined);
      resolve(() => new Promise((done) => socket.close(() => done())));
    });
  });
}

function tlsServer({ cert, key, ca }: NonNullable<SyslogListen["tls"]>): Server {
  return createTlsServer({
    ...certificateOf({ cert, key }, "syslog.tls"),
    minVersion: "TLSv1.2",
    handshakeTimeout: 10_000,
    ...(ca === undefined ? {} : { ca: pem(ca, "syslog.tls.ca"), requestCert: true, rejectUnauthorized: true }),
  });
}

function openStream(server: Server, event: string, { host, port }: ListenAddress, taker: SyslogTaker): Promise<Close> {
  const open = new Connections(mostConnections);
  const readers = new Set<Socket>();
  let lastKnown = "";
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    const from = addressOf(socket.remoteAddress);
    if (from !== null && taker.isKnown(from)) {
      lastKnown = from.toString();
      const crowd = open.add(socket, lastKnown);
      if (crowd !== null)
        taker.refuse(crowd, `more than ${mostConnections} connections are open, most of them its own`);
      return;
    }
    taker.refuse(socket.remoteAddress ?? "nobody");
    socket.destroy();
  });
  // Their addresses are gone once a handshake has failed.
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const from = socket.remoteAddress ?? lastKnown;
    if (from !== "") taker.refuse(from, tlsWords(socket.authorizationError, error));
  });
  server.on(event, (socket: Socket) => {
    const from = addressOf(socket.remoteAddress);
    if (from === null || !taker.isKnown(from) || socket.destroyed) return;
    readers.add(socket);
    socket.once("close", () => readers.delete(socket));
    read(socket, from, taker, open);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      server.on("error", () => undefined);
      resolve(async () => {
        const closed = new Promise<void>((done) => server.close(() => done()));
        // Who hears that we go sends no more; what is under way is still taken.
        for (const socket of readers) socket.end();
        const startedMs = performance.now();
        const ending = setInterval(() => {
          if (performance.now() - startedMs >= underWayMs) open.closeAll();
          // Once what came while we did something else has been heard.
          else setImmediate(() => open.closeSilent(quietMs));
        }, 50);
        await closed;
        clearInterval(ending);
        // A server is closed before the last of its sockets says so, with which its last line comes.
        await Promise.all([...readers].map((socket) => new Promise((done) => socket.once("close", done))));
      });
    });
  });
}

function read(socket: Socket, from: Address, taker: SyslogTaker, open: Connections): void {
  const framing = new SyslogFraming();
  const resume = (): void => void socket.resume();
  let isBad = false;
  let waitsFor: Inbox | null = null;
  socket.on("close", () => {
    waitsFor?.forget(resume);
    if (isBad) return;
    // A connection that broke while it was made to wait had been read further.
    for (let rest = readRest(socket); rest !== null; rest = readRest(socket)) take(rest);
    if (!isBad) for (const line of framing.finish()) taker.take(line, from);
  });
  socket.on("error", () => undefined);
  socket.setKeepAlive(true, 60_000);
  socket.on("data", (chunk: Buffer) => {
    open.heard(socket);
    take(chunk);
  });

  function take(chunk: Buffer): void {
    try {
      for (const line of framing.push(chunk)) {
        const inbox = taker.take(line, from);
        // A stream's sender can wait, and then keeps what it could not send.
        if (inbox?.filling !== true || socket.isPaused() || socket.destroyed) continue;
        socket.pause();
        waitsFor = inbox;
        inbox.whenRoom(resume);
      }
    } catch (error) {
      if (!(error instanceof BadFraming)) throw error;
      isBad = true;
      taker.refuse(from.toString(), `it sent ${error.message}`);
      socket.destroy();
    }
  }
}

const readRest = (socket: Socket): Buffer | null => socket.read() as Buffer | null;

const retryMs = 5_000;
/** Ending waits for senders that go on sending, at most so long; it is over for one that sends nothing. */
const underWayMs = 5_000;
const quietMs = 250;
const mostConnections = 512;
