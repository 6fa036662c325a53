import { Client } from "ldapts";
import { z } from "zod";
import { secret } from "../../../config/secret.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";

const config = z.strictObject({
  url: z.string().regex(/^ldaps?:\/\/[^@]+$/u, "ldap://host:389 or ldaps://host:636"),
  /** Without one, an anonymous bind. */
  bind: z.strictObject({ dn: z.string().min(1), password: secret }).optional(),
  /** Best is the mail system's own look-up with a key that exists. */
  search: z
    .strictObject({
      base: z.string(),
      filter: z.string().min(1).default("(objectClass=*)"),
      atLeast: z.int().min(0).default(1),
    })
    .optional(),
  ...probeOptions,
});

/** Binds, and searches when it is told what for. */
export const ldap = {
  type: "ldap",
  config,
  create: ({ url, bind, search, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "ldap",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      async attempt(signal) {
        // Later than our own deadline, which says it in our words.
        const patienceMs = deadline * 1000 + 1000;
        const client = new Client({ url, timeout: patienceMs, connectTimeout: patienceMs, strictDN: false });
        const cut = () => void client.unbind().catch(() => undefined);
        signal.addEventListener("abort", cut, { once: true });
        try {
          await step("bind", () => client.bind(bind?.dn ?? "", bind?.password.reveal() ?? ""));
          if (search === undefined) return undefined;
          const { searchEntries } = await step("search", () =>
            client.search(search.base, {
              filter: search.filter,
              sizeLimit: 10,
              attributes: ["1.1"],
              timeLimit: Math.ceil(deadline),
            }),
          );
          if (searchEntries.length < search.atLeast)
            throw new ProbeFailure(`the search finds ${searchEntries.length} entries, fewer than ${search.atLeast}`);
          return undefined;
        } finally {
          signal.removeEventListener("abort", cut);
          await client.unbind().catch(() => undefined);
        }
      },
    }),
} as const satisfies DependencyPlugin<"ldap", typeof config>;

/** RFC 4511 result codes come with a name only; which step failed says half of it. */
async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    if (typeof code === "string") throw error;
    const result = typeof code === "number" ? ` (result ${code})` : "";
    throw new ProbeFailure(`${name} refused${result}: ${message ?? String(error)}`, undefined, { cause: error });
  }
}
