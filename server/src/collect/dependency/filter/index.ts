import { z } from "zod";
import { hostPort } from "../../../core/text/host-port.ts";
import type { ProbeDetails } from "../../../core/observation.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { type FilterKind, kinds } from "./kinds.ts";

const config = z
  .strictObject({
    kind: z.enum(["clamd", "spamd", "rspamd", "smtp", "lmtp"]),
    host: z.string().min(1).default("127.0.0.1"),
    port: z.int().min(1).max(65_535).optional(),
    /** A local socket in place of host and port. */
    socket: z.string().startsWith("/").optional(),
    /** Also gives it a harmless mail to look at: a filter whose workers hang still answers a ping. */
    scan: z.boolean().default(false),
    /** Also gives it the EICAR test file, which it must find. */
    virus: z.boolean().default(false),
    ...probeOptions,
  })
  .refine(({ kind, virus }) => !virus || kind === "clamd", {
    path: ["virus"],
    message: "only clamd looks for viruses",
  })
  .refine(({ kind, scan }) => !scan || (kind !== "smtp" && kind !== "lmtp"), {
    path: ["scan"],
    message: "what it is given would go on to somebody: use the type roundtrip",
  });

/** Whether a content filter answers, and looks at what it is given. */
export const filter = {
  type: "filter",
  config,
  create: ({ kind, host, port, socket, scan, virus, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "filter",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      at: socket ?? hostPort(host, port ?? kinds[kind].port),
      async attempt(signal, _, doing) {
        const asked: FilterKind = kinds[kind];
        const at = { host, port: port ?? asked.port, socket };
        let seen: ProbeDetails | undefined;
        try {
          doing("ping");
          seen = await asked.ping(at, signal, doing);
          if (scan) {
            doing("a harmless mail");
            await asked.scan?.(at, signal);
          }
          if (virus) {
            doing("the EICAR test file");
            await asked.virus?.(at, signal);
          }
          return seen;
        } catch (error) {
          // What the ping told, a full queue above all, explains why a scan fails.
          if (seen === undefined || !(error instanceof Error) || "code" in error) throw error;
          throw new ProbeFailure(error.message, seen);
        }
      },
    }),
} as const satisfies DependencyPlugin<"filter", typeof config>;
