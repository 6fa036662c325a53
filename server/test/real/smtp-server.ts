import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** A message as an SMTP server of a test took it. */
export interface TakenMessage {
  /** Attributes of XFORWARD lines, as they came. */
  readonly forwarded: readonly string[];
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

export interface SmtpServerOptions {
  /** What is said to RCPT; by default 250. */
  recipient?(address: string): string;
  /** What is said at the end of the data. */
  message?(message: TakenMessage): string | Promise<string>;
}

export interface RunningSmtpServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** A mail server on a free loopback port (RFC 5321, and XFORWARD of Postfix) that answers as a test tells it. */
export async function startSmtpServer(options: SmtpServerOptions = {}): Promise<RunningSmtpServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setNoDelay(true);
    converse(socket, options);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function converse(socket: Socket, options: SmtpServerOptions): void {
  let pending = "";
  let isData = false;
  let forwarded: string[] = [];
  let from = "";
  let to: string[] = [];
  const say = (text: string) => socket.write(`${text}\r\n`);
  const command = (line: string) => {
    const verb = line.slice(0, 4).toUpperCase();
    const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
    switch (verb) {
      case "EHLO":
        return say("250-server.test\r\n250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n250 8BITMIME");
      case "XFOR":
        forwarded.push(line);
        return say("250 2.0.0 Ok");
      case "MAIL":
        from = address;
        to = [];
        return say("250 2.1.0 Ok");
      case "RCPT": {
        const answer = options.recipient?.(address) ?? "250 2.1.5 Ok";
        if (answer.startsWith("2")) to.push(address);
        say(answer);
        if (answer.startsWith("421")) socket.end();
        return undefined;
      }
      case "DATA":
        if (to.length === 0) return say("554 5.5.1 No valid recipients");
        isData = true;
        return say("354 End data with <CR><LF>.<CR><LF>");
      case "RSET":
        forwarded = [];
        return say("250 2.0.0 Ok");
      case "QUIT":
        say("221 2.0.0 Bye");
        socket.end();
        return undefined;
      default:
        return say("502 5.5.2 Error: command not recognized");
    }
  };
  const end = async (text: string) => {
    const message = { forwarded, from, to, text };
    forwarded = [];
    say((await options.message?.(message)) ?? "250 2.0.0 Ok: queued as 4A1B2C3D4E");
  };

  say("220 server.test ESMTP");
  socket.on("data", (chunk) => {
    pending += chunk.toString("latin1");
    for (;;) {
      const mark = isData ? "\r\n.\r\n" : "\r\n";
      const at = pending.indexOf(mark);
      if (at < 0) return;
      const text = pending.slice(0, at);
      pending = pending.slice(at + mark.length);
      if (!isData) {
        command(text);
        continue;
      }
      isData = false;
      void end(text);
    }
  });
}
