import { createServer as createHttpServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Millis } from "@mailtide/shared";
import { hostPort } from "../core/text/host-port.ts";
import { certificateOf } from "../config/certificate.ts";
import type { ServerSettings } from "./settings.ts";

export interface Listener {
  readonly server: Server;
  /** Rejects with one sentence in words. */
  listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /** Lets running requests end within the deadline. Safe twice, and without `listen`. */
  close(deadlineMs?: Millis): Promise<void>;
}

type Where = Pick<ServerSettings, "host" | "port" | "tls" | "publicUrl">;

export function createListener(handler: RequestListener, where: Where): Listener {
  const limits = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000, maxHeaderSize: 16_384 };
  const server =
    where.tls === undefined
      ? createHttpServer(limits, handler)
      : createHttpsServer({ ...limits, ...certificateOf(where.tls, "server.tls") }, handler);
  // Above the largest number of screens: a flood of idle connections must not use up the file descriptors.
  server.maxConnections = 6_000;
  let closing: Promise<void> | null = null;

  return {
    server,
    listen: () =>
      new Promise((resolve, reject) => {
        const fail = (error: NodeJS.ErrnoException): void => reject(new Error(inWords(error, where), { cause: error }));
        server.once("error", fail);
        server.listen(where.port, where.host, () => {
          server.off("error", fail);
          const { port } = server.address() as AddressInfo;
          resolve({ host: where.host, port, url: where.publicUrl ?? urlOf(where, port) });
        });
      }),
    close: (deadlineMs = 5_000) => (closing ??= closeServer(server, deadlineMs)),
  };
}

async function closeServer(server: Server, deadlineMs: Millis): Promise<void> {
  if (!server.listening) return;
  const cut = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}

function urlOf({ host, tls }: Where, port: number): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  return `${tls === undefined ? "http" : "https"}://${hostPort(everywhere ? "localhost" : host, port)}`;
}

function inWords(error: NodeJS.ErrnoException, { host, port }: Where): string {
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is in use by another program: stop it, or choose another port with --port.`,
    EACCES: `Port ${port} on ${host} may not be opened by this user: choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `${host} (server.host) is not an address of this machine.`,
    ENOTFOUND: `${host} (server.host) is not an address of this machine.`,
  };
  return known[error.code ?? ""] ?? `Cannot listen on ${host} port ${port}: ${error.message}`;
}
