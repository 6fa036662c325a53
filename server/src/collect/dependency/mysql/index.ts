import { z } from "zod";
import { addressOrSecret } from "../../../config/secret.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { sqlOptions, sqlSettings } from "../sql/options.ts";
import { createMysqlProbe } from "./probe.ts";
import { addressOf, formProblem, readCa, urlProblem } from "./url.ts";

const url = addressOrSecret({
  plain: urlProblem,
  held: formProblem,
  error: "a connection string such as mysql://role@host:3306/database, or {env: NAME} or {file: PATH} that holds one",
});

const config = z.strictObject({
  /** The mail system's own role, through its own proxy. */
  url,
  /** A role with PROCESS, directly to the server: sees locks and sessions. */
  privileged: url.optional(),
  /** Both connections; `require` does not look at the certificate. */
  tls: z.enum(["none", "require", "verify"]).default("none"),
  /** A file of certificates that sign the server's. */
  ca: z.string().optional(),
  ...sqlOptions,
});

export const mysql = {
  type: "mysql",
  config,
  create(options, { id }) {
    const { tls: how, ca } = options;
    const tls = how === "none" ? null : { verify: how === "verify", ca: readCa(ca) };
    return createMysqlProbe({
      ...sqlSettings(id, options),
      mail: addressOf(options.url.reveal(), tls),
      privileged: options.privileged === undefined ? null : addressOf(options.privileged.reveal(), tls),
    });
  },
} as const satisfies DependencyPlugin<"mysql", typeof config>;
