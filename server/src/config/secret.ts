import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { z } from "zod";
import { unreadable } from "./unreadable.ts";

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
    const { value, why } = "env" in where ? ofEnvironment(where.env) : ofFile(where.file);
    if (value !== "") return new Secret(value);
    const name = "env" in where ? `the environment variable ${where.env}` : `the file ${where.file}`;
    context.addIssue({ code: "custom", message: `${name} ${why}` });
    return z.NEVER;
  });

export interface AddressForms {
  /** What is wrong with a text in the configuration itself, where no password may stand; null when it can be used. */
  readonly plain: (text: string) => string | null;
  /** What is wrong with what a secret holds, in words that tell nothing of it; null when it can be used. */
  readonly held: (text: string) => string | null;
  /** Of what is neither. */
  readonly error: string;
}

/** Where something is to be come at: as text, or with a password, which makes it a secret. */
export const addressOrSecret = ({ plain, held, error }: AddressForms) =>
  z.union(
    [
      z.string().transform((text, context) => {
        const message = plain(text);
        if (message === null) return new Secret(text);
        context.addIssue({ code: "custom", message });
        return z.NEVER;
      }),
      secret.superRefine((found, context) => {
        const message = held(found.reveal());
        if (message !== null) context.addIssue({ code: "custom", message: `what it holds is ${message}` });
      }),
    ],
    { error },
  );

/** `why` is said where there is no value. */
interface Found {
  readonly value: string;
  readonly why: string;
}

function ofEnvironment(name: string): Found {
  const value = process.env[name];
  return { value: value ?? "", why: value === undefined ? "is not set" : "is empty" };
}

function ofFile(path: string): Found {
  try {
    return { value: readFileSync(path, "utf8").replace(/\r?\n$/, ""), why: "is empty" };
  } catch (error) {
    return { value: "", why: unreadable(error as NodeJS.ErrnoException) };
  }
}
