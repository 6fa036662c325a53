import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { isIP, type Socket } from "node:net";
import { checkServerIdentity, connect, type TLSSocket } from "node:tls";
import { z } from "zod";
import { hostPort } from "../../../core/text/host-port.ts";
import { duration } from "../../../config/duration.ts";
import { unreadable } from "../../../config/unreadable.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { greetsInTls } from "../speaks-tls.ts";
import { judge, judgeFile } from "./judge.ts";
import { startTls } from "./start-tls.ts";

const config = z
  .strictObject({
    /** The server that shows it; or `file`. */
    host: z.string().min(1).optional(),
    port: z.int().min(1).max(65_535).default(25),
    /** `smtp`: TLS after STARTTLS (RFC 3207); `none`: TLS at once. */
    startTls: z.enum(["smtp", "none"]).default("smtp"),
    /** A certificate in PEM in place of a server; the first one in it is judged. */
    file: z.string().startsWith("/", "an absolute path").optional(),
    /** The name that the certificate must bear; `host` unless stated. */
    name: z.string().min(1).optional(),
    /** A file of certificates that sign the server's, besides those that the system knows. */
    ca: z.string().min(1).optional(),
    /** A ticket when it ends sooner than this. */
    warnBefore: duration.default(14 * 86_400),
    ...probeOptions,
    every: duration.default(3_600),
    deadline: duration.default(10),
  })
  .refine(({ host, file }) => (host === undefined) !== (file === undefined), {
    path: ["host"],
    error: "either host, or file",
  });

/** Whether a certificate, of a server or in a file, is valid, trusted, of the right name, and does not end soon. */
export const certificate = {
  type: "certificate",
  config,
  create: ({ host, port, startTls: how, file, name, ca, warnBefore, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "certificate",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      at: host === undefined ? (file ?? null) : hostPort(host, port),
      async attempt(signal, nowMs, doing) {
        if (host === undefined) return judgeFile(await textOf(file ?? "", "the file", signal), name, nowMs, warnBefore);
        const authorities = ca === undefined ? undefined : await textOf(ca, ca, signal);
        doing(how === "smtp" ? `STARTTLS${greetsInTls(port, "startTls: none")}` : "connecting");
        const plain = how === "smtp" ? await startTls(host, port, signal) : undefined;
        doing("the TLS handshake");
        const socket = shake(plain, { host, port, name: name ?? host, ca: authorities });
        const cut = () => socket.destroy();
        signal.addEventListener("abort", cut, { once: true });
        try {
          await once(socket, "secureConnect");
          const shown = socket.getPeerCertificate();
          // Only once the chain is trusted does the library look at the name.
          const wrongName = socket.authorized ? checkServerIdentity(name ?? host, shown) : undefined;
          return judge(shown, wrongName ?? socket.authorizationError, nowMs, warnBefore);
        } finally {
          signal.removeEventListener("abort", cut);
          socket.destroy();
        }
      },
    }),
} as const satisfies DependencyPlugin<"certificate", typeof config>;

interface Aim {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly ca: string | undefined;
}

/** What is shown is judged later, in words: a connection that is refused for its certificate tells nothing of the date. */
const shake = (plain: Socket | undefined, { host, port, name, ca }: Aim): TLSSocket =>
  connect({
    ...(plain === undefined ? { host, port } : { socket: plain }),
    // An address is no server name (RFC 6066, 3).
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(ca === undefined ? {} : { ca }),
    checkServerIdentity: () => undefined,
    rejectUnauthorized: false,
  });

async function textOf(path: string, called: string, signal: AbortSignal): Promise<string> {
  return readFile(path, { encoding: "utf8", signal }).catch((error: NodeJS.ErrnoException) => {
    throw new ProbeFailure(`${called} ${unreadable(error)}`, undefined, { cause: error });
  });
}
