import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import type { Scope } from "@mailtide/shared";
import { localUrl } from "./config/local-url.ts";
import type { Config } from "./config/schema.ts";
import { pem } from "./config/certificate.ts";

/** A token that may: the environment's, else one of the configuration, which holds its secrets anyway. */
export function ownToken({ auth }: Config, scope: Scope): string | undefined {
  const given = process.env["MAILTIDE_TOKEN"];
  if (given !== undefined && given !== "") return given;
  return auth.tokens.find(({ scopes, node }) => node === undefined && scopes.includes(scope))?.secret.reveal();
}

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Asks the server that runs by this configuration, on its own host. Its certificate bears the name that browsers use, not
 * that of the loopback, and may be of one's own authority: it is known by being the very one of the configuration.
 */
export async function askOwnServer(
  server: Config["server"],
  path: string,
  { headers, signal }: Asked,
): Promise<Response> {
  const url = new URL(path, localUrl(server));
  if (server.tls === undefined) return fetch(url, { headers, ...(signal === undefined ? {} : { signal }) });
  const own = new X509Certificate(pem(server.tls.cert, "server.tls.cert"));
  const socket = connect({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port),
    rejectUnauthorized: false,
    ALPNProtocols: ["http/1.1"],
  });
  await once(socket, "secureConnect", signal === undefined ? {} : { signal }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  if (!isOwn(socket, own)) {
    socket.destroy();
    throw new Error(
      `what answers at ${url.origin} does not show the certificate of server.tls: another program, or one that was started before it was renewed`,
    );
  }
  const asked = request({
    createConnection: () => socket,
    path: url.pathname + url.search,
    headers: { Host: url.host, Connection: "close", ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return new Response(Readable.toWeb(answer) as ReadableStream<Uint8Array>, {
    status: answer.statusCode ?? 500,
    headers: { "Content-Type": answer.headers["content-type"] ?? "" },
  });
}

const isOwn = (socket: TLSSocket, own: X509Certificate): boolean =>
  socket.getPeerX509Certificate()?.fingerprint256 === own.fingerprint256;
