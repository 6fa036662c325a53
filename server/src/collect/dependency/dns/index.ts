import { Resolver } from "node:dns/promises";
import { z } from "zod";
import { Patience } from "../../../loop/patience.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { ask, inWords } from "./ask.ts";

const config = z.strictObject({
  /** `address` or `address:port`; without one, what the host itself is set to. One probe a resolver. */
  resolver: z.string().min(1).optional(),
  /** Names whose addresses or mail servers must be found; ask for names of others, for one's own come from a cache. */
  names: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(253),
        record: z.enum(["A", "AAAA", "MX", "TXT", "PTR", "NS"]).default("MX"),
        expect: z.array(z.string().min(1)).min(1).optional(),
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
      at: null,
      async attempt(signal) {
        // A first question and one more, for which the library is twice as patient: it asks again like every resolver of
        // a mail host, and ends before the deadline, so that what was answered until then is known.
        const timeout = Math.max(50, Math.round(deadline * 300));
        const asked = new Resolver({ timeout, tries: 2 });
        if (resolver !== undefined) asked.setServers([resolver]);
        const cancel = () => asked.cancel();
        const patience = new Patience(deadline * 930, signal);
        patience.signal.addEventListener("abort", cancel, { once: true });
        try {
          const answers = await Promise.all(names.map((question) => ask(asked, question)));
          const problem = inWords(answers, resolver ?? `the resolver (${asked.getServers().join(", ")})`);
          if (problem !== null) throw new ProbeFailure(problem);
          return undefined;
        } finally {
          patience.end();
          asked.cancel();
        }
      },
    }),
} as const satisfies DependencyPlugin<"dns", typeof config>;
