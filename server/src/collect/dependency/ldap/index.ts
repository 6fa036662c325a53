import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { Client } from "ldapts";
import { z } from "zod";
import { hostPortOf } from "../../../core/text/host-port.ts";
import { secret } from "../../../config/secret.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { speaksTls } from "../speaks-tls.ts";
import { hungUp, inWords, refusedTls } from "./words.ts";

const config = z
  .strictObject({
    url: z.string().regex(/^ldaps?:\/\/[^@]+$/u, "ldap://host:389 or ldaps://host:636"),
    /** TLS on a plain port (RFC 4511, 4.14), before anything else is said. */
    startTls: z.boolean().default(false),
    /** A file of certificates that sign the server's, which is always looked at. */
    ca: z.string().min(1).optional(),
    /** Without one, an anonymous bind. */
    bind: z.strictObject({ dn: z.string().min(1), password: secret }).optional(),
    /** Best is the mail system's own look-up with a key that exists. */
    search: z
      .strictObject({
        base: z.string(),
        filter: z.string().min(1).default("(objectClass=*)"),
        atLeast: z.int().min(0).max(1_000).default(1),
      })
      .optional(),
    ...probeOptions,
  })
  .refine(({ url, startTls }) => !startTls || url.startsWith("ldap:"), {
    path: ["startTls"],
    error: "startTls is for ldap://; ldaps:// has TLS from the start",
  });

/** Binds, and searches when it is told what for. */
export const ldap = {
  type: "ldap",
  config,
  create: ({ url, startTls, ca, bind, search, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "ldap",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      at: hostPortOf(new URL(url)),
      async attempt(signal, _nowMs, doing) {
        const { hostname, port } = new URL(url);
        const host = hostname.replace(/^\[|\]$/gu, "");
        const tls = { host, ...(ca === undefined ? {} : { ca: readFileSync(ca, "utf8") }) };
        // Opened here, so that it can be asked whether anything was said on it.
        doing("the connection");
        const wire = url.startsWith("ldaps:") ? await opened(Number(port || 636), host, signal) : null;
        const client = new Client({
          url,
          // Much later than our own deadline, which says it in our words, and does not count what this host stands still.
          connectTimeout: deadline * 1000 + 60_000,
          strictDN: false,
          ...(wire === null ? {} : { tlsOptions: { ...tls, socket: wire } }),
        });
        const cut = () => void client.unbind().catch(() => undefined);
        signal.addEventListener("abort", cut, { once: true });
        const step = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
          doing(name);
          return run().catch(async (error: unknown) => {
            // Whoever is spoken to in clear and wants TLS hangs up at the first word.
            if (wire === null && hungUp(error) && (await speaksTls(host, Number(port || 389), signal)))
              throw new ProbeFailure("wants TLS from the start: ldaps:// in place of ldap://", undefined, {
                cause: error,
              });
            throw (wire?.bytesRead === 0 ? refusedTls(error) : null) ?? inWords(name, error);
          });
        };
        try {
          if (startTls) await step("StartTLS", () => client.startTLS(tls));
          await step("the bind", () => client.bind(bind?.dn ?? "", bind?.password.reveal() ?? ""));
          if (search !== undefined) await step("the search", () => found(client, search, deadline));
          return undefined;
        } finally {
          signal.removeEventListener("abort", cut);
          await client.unbind().catch(() => undefined);
          wire?.destroy();
        }
      },
    }),
} as const satisfies DependencyPlugin<"ldap", typeof config>;

/** Rejects with what the system says. */
async function opened(port: number, host: string, signal: AbortSignal): Promise<Socket> {
  const socket = connect(port, host);
  signal.addEventListener("abort", () => void socket.destroy(), { once: true });
  await once(socket, "connect", { signal });
  return socket;
}

interface Search {
  readonly base: string;
  readonly filter: string;
  readonly atLeast: number;
}

async function found(client: Client, { base, filter, atLeast }: Search, deadlineSeconds: number): Promise<void> {
  const { searchEntries: entries, searchReferences: references } = await client.search(base, {
    filter,
    sizeLimit: Math.max(10, atLeast),
    timeLimit: Math.ceil(deadlineSeconds),
    attributes: ["1.1"],
  });
  if (entries.length >= atLeast) return;
  const elsewhere = references.length > 0 ? ", and references to other servers" : "";
  throw new ProbeFailure(`the search finds ${entries.length} entries${elsewhere}, fewer than ${atLeast}`);
}
