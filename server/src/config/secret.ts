import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { z } from "zod";

/** A secret that never shows itself in a log, a dump or a JSON text. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toJSON(): string {
    return "[secret]";
  }
  toString(): string {
    return "[secret]";
  }
  [inspect.custom](): string {
    return "[secret]";
  }
}

/** Secrets stand apart from the configuration: `{env: NAME}` or `{file: PATH}`. */
export const secret = z
  .union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
    error: "a secret is given as {env: NAME} or {file: PATH}, never as text in the configuration",
  })
  .transform((where, context) => {
    const value = "env" in where ? process.env[where.env] : readSecretFile(where.file);
    if (value !== undefined && value !== "") return new Secret(value);
    const name = "env" in where ? `the environment variable ${where.env}` : `the file ${where.file}`;
    context.addIssue({ code: "custom", message: `${name} is missing, unreadable or empty` });
    return z.NEVER;
  });

function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch {
    return undefined;
  }
}
