import { Resolver } from "node:dns/promises";
import { z } from "zod";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";

const config = z.strictObject({
  /** `address` or `address:port`; without one, what the host itself is set to. One probe a resolver. */
  resolver: z.string().min(1).optional(),
  /** Names whose addresses or mail servers must be found; ask for names of others, for one's own come from a cache. */
  names: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(253),
        record: z.enum(["A", "AAAA", "MX", "TXT", "PTR"]).default("MX"),
      }),
    )
    .min(1)
    .max(20),
  ...probeOptions,
});

/** Asks one resolver for the given names, all at once. */
export const dns = {
  type: "dns",
  config,
  create: ({ resolver, names, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "dns",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      async attempt(signal) {
        // Anew each time: a resolver that hangs must not keep its queries.
        const asked = new Resolver({ timeout: Math.max(500, Math.round((deadline * 1000) / 2)), tries: 2 });
        if (resolver !== undefined) asked.setServers([resolver]);
        const cancel = () => asked.cancel();
        signal.addEventListener("abort", cancel, { once: true });
        try {
          const answers = await Promise.all(names.map(({ name, record }) => ask(asked, name, record)));
          const failed = answers.filter((answer) => answer !== null);
          if (failed.length > 0) throw new ProbeFailure(failed.slice(0, 3).join("; "));
          return undefined;
        } finally {
          signal.removeEventListener("abort", cancel);
          asked.cancel();
        }
      },
    }),
} as const satisfies DependencyPlugin<"dns", typeof config>;

/** null when it answered; a name that does not exist is an answer that nobody who asked for it wants. */
async function ask(resolver: Resolver, name: string, record: string): Promise<string | null> {
  try {
    await resolver.resolve(name, record);
    return null;
  } catch (error) {
    const code = (error as { code?: string }).code ?? "";
    return `${record} ${name}: ${words[code] ?? code.toLowerCase()}`;
  }
}

/** RFC 1035, 4.1.1. */
const words: Readonly<Record<string, string | undefined>> = {
  ESERVFAIL: "SERVFAIL",
  EREFUSED: "REFUSED",
  ENOTFOUND: "NXDOMAIN",
  ENODATA: "no such record",
  ETIMEOUT: "no answer",
  ECONNREFUSED: "connection refused",
  ECANCELLED: "no answer",
};
