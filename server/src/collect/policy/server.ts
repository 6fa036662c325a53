import { createServer, type Server, type Socket } from "node:net";
import { addressOf, type ListenAddress, matcherOf } from "../syslog-in/addresses.ts";
import { Connections } from "../syslog-in/connections.ts";
import { type PolicyRequest, PolicyReader } from "./request.ts";

export interface PolicyServerOptions {
  readonly listen: ListenAddress;
  /** Addresses and prefixes that may ask. */
  readonly address: readonly string[];
  /** Told after the answer was given; must not wait. */
  readonly asked: (request: PolicyRequest) => void;
}

/**
 * Answers every request with DUNNO, at once and before anything is done with it: mail never waits for us. Who asks
 * nothing sensible, or does not read the answers, is hung up on.
 */
export function listenForPolicy({ listen, address, asked }: PolicyServerOptions): Promise<() => Promise<void>> {
  const open = new Connections(mostConnections);
  const mayAsk = matcherOf(address);
  const server: Server = createServer((socket) => {
    const from = addressOf(socket.remoteAddress);
    socket.on("error", () => undefined);
    if (from === null || !mayAsk(from)) {
      socket.destroy();
      return;
    }
    open.add(socket, from.toString());
    serve(socket, asked, open);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(listen.port, listen.host, () => {
      server.removeListener("error", reject);
      server.on("error", () => undefined);
      resolve(() => {
        open.closeAll();
        return new Promise((done) => server.close(() => done()));
      });
    });
  });
}

function serve(socket: Socket, asked: (request: PolicyRequest) => void, open: Connections): void {
  const reader = new PolicyReader();
  let unfinished: NodeJS.Timeout | undefined;
  socket.setNoDelay(true);
  // Postfix keeps a connection for smtpd_policy_service_max_idle, 300 s as shipped.
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on("close", () => clearTimeout(unfinished));
  socket.on("data", (chunk: Buffer) => {
    open.heard(socket);
    try {
      for (const request of reader.push(chunk)) {
        clearTimeout(unfinished);
        unfinished = undefined;
        socket.write("action=DUNNO\n\n");
        asked(request);
      }
    } catch {
      socket.destroy();
    }
    if (reader.isOpen) unfinished ??= setTimeout(() => socket.destroy(), unfinishedMs);
    if (socket.writableLength > mostUnreadBytes) socket.destroy();
  });
}

const mostConnections = 1_000;
const idleMs = 1_000_000;
const unfinishedMs = 10_000;
const mostUnreadBytes = 65_536;
