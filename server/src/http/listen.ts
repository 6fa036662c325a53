import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createSecureContext } from "node:tls";
import type { Millis } from "@mailtide/shared";
import { hostPort } from "../core/text/host-port.ts";
import { unreadable } from "../config/unreadable.ts";
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
      : createHttpsServer({ ...limits, ...certificateOf(where.tls) }, handler);
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

/** What is shown to whoever comes by https. Throws in words. */
export function certificateOf(tls: NonNullable<Where["tls"]>): { readonly cert: string; readonly key: string } {
  const shown = { cert: pem(tls.cert, "cert"), key: pem(tls.key, "key") };
  const isGood = (given: Partial<typeof shown>): boolean => {
    try {
      createSecureContext(given);
      return true;
    } catch {
      return false;
    }
  };
  if (!isGood({ cert: shown.cert })) throw new Error("server.tls.cert: holds no certificate in PEM that can be used");
  if (!isGood({ key: shown.key })) throw new Error("server.tls.key: holds no key in PEM, without a passphrase");
  if (!isGood(shown)) throw new Error("server.tls: the key is not the one of the certificate");
  return shown;
}

/** Throws in words. */
export function pem(textOrPath: string, key: "cert" | "key"): string {
  if (textOrPath.includes("-----BEGIN")) return textOrPath;
  try {
    return readFileSync(textOrPath, "utf8");
  } catch (error) {
    const why = unreadable(error as NodeJS.ErrnoException);
    throw new Error(`server.tls.${key}: ${textOrPath} ${why}`, { cause: error });
  }
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
