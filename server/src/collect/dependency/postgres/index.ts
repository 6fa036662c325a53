import { Client } from "pg";
import { z } from "zod";
import { addressOrSecret } from "../../../config/secret.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { sqlOptions, sqlSettings } from "../sql/options.ts";
import { createPostgresProbe } from "./probe.ts";

/** A password never stands in the configuration itself; without one (a socket, a certificate, trust) plain text will do. */
const url = addressOrSecret({
  plain: urlProblem,
  held: formProblem,
  error:
    "a connection string such as postgres://role@host:5432/database, or {env: NAME} or {file: PATH} that holds one",
});

const config = z.strictObject({
  /** The mail system's own role, through its own pooler. */
  url,
  /** A role in pg_monitor, directly to the server: sees locks and sessions. */
  privileged: url.optional(),
  ...sqlOptions,
});

export const postgres = {
  type: "postgres",
  config,
  create: (options, { id }) =>
    createPostgresProbe({
      ...sqlSettings(id, options),
      mailUrl: options.url.reveal(),
      privilegedUrl: options.privileged?.reveal() ?? null,
    }),
} as const satisfies DependencyPlugin<"postgres", typeof config>;

const isOfForm = (text: string): boolean => /^(?:postgres(?:ql)?:\/\/|socket:|\/)/u.test(text);

/** Null when it can be used as what a secret holds. */
function formProblem(text: string): string | null {
  return isOfForm(text) && isReadable(text)
    ? null
    : "no connection string such as postgres://role:password@host:5432/database (%40 stands for @ in a password, %25 for %)";
}

function isReadable(text: string): boolean {
  try {
    return new Client({ connectionString: text }).port > 0;
  } catch {
    return false;
  }
}

function urlProblem(text: string): string | null {
  if (!isOfForm(text)) return "a connection string begins with postgres:// or is the path of a socket's folder";
  try {
    const { password } = new Client({ connectionString: text });
    // PGPASSWORD is the environment's, not the configuration's.
    if (typeof password !== "string" || password === process.env["PGPASSWORD"]) return null;
    return "a connection string with a password is given as {env: NAME} or {file: PATH}";
  } catch {
    return "not a connection string such as postgres://role@host:5432/database";
  }
}
