import { existsSync, readFileSync } from "node:fs";
import { isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { type Config, configSchema } from "./schema.ts";

/** What is wrong with a configuration, each with its place. `exitCode` 2 in the surface's words. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** The first that exists of: the flag, `$MAILTIDE_CONFIG`, `./mailtide.yaml`, `/etc/mailtide/mailtide.yaml`. */
export function findConfig(flag: string | undefined, environment: NodeJS.ProcessEnv, directory: string): string | null {
  const named = flag ?? environment["MAILTIDE_CONFIG"];
  if (named !== undefined && named !== "") return named;
  return [`${directory}/mailtide.yaml`, "/etc/mailtide/mailtide.yaml"].find((path) => existsSync(path)) ?? null;
}

/** Reads and validates a file. Throws ConfigError with one sentence a problem. */
export function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([`${path}: cannot be read: ${(error as Error).message}`]);
  }
  return parseConfig(text, path);
}

/** `name` stands in the messages. */
export function parseConfig(text: string, name: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => `${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`),
    );
  }
  const parsed = configSchema.safeParse(document.toJS({ maxAliasCount: 50 }) ?? {});
  if (parsed.success) return parsed.data;
  const place = (path: readonly PropertyKey[]): string => {
    const offset = offsetOf(document.contents, path);
    return offset === undefined ? name : `${name}:${lines.linePos(offset).line}`;
  };
  throw new ConfigError(parsed.error.issues.flatMap((issue) => sentences(issue, place)));
}

function sentences(issue: z.core.$ZodIssue, place: (path: readonly PropertyKey[]) => string): string[] {
  const key = keyText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const valid = validKeys(issue.path);
    return issue.keys.map((unknown) => {
      const close = nearest(unknown, valid);
      const hint = close === undefined ? "" : `; did you mean "${close}"?`;
      return `${place([...issue.path, unknown])}: unknown key "${unknown}"${key === "" ? "" : ` in ${key}`}${hint}`;
    });
  }
  return [`${place(issue.path)}: ${key === "" ? "" : `${key}: `}${issue.message}`];
}

function keyText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`))
    .join("");
}

/** Where the key (or, for a missing one, what holds it) stands. */
function offsetOf(root: unknown, path: readonly PropertyKey[]): number | undefined {
  let here = root;
  let offset = (root as Node | null)?.range?.[0];
  for (const part of path) {
    if (isMap(here)) {
      const pair = here.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
      );
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      here = pair.value;
    } else if (isCollection(here)) {
      here = (here.items as unknown[])[Number(part)];
      offset = (here as Node | undefined)?.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

/** Every key that may stand at a path of the configuration, over all kinds that could be meant. */
function validKeys(path: readonly PropertyKey[]): string[] {
  let schemas: unknown[] = [configSchema];
  for (const part of path) schemas = schemas.flatMap(alternatives).flatMap((schema) => inside(schema, part));
  return schemas.flatMap(alternatives).flatMap((schema) => Object.keys(shapeOf(schema) ?? {}));
}

interface Definition {
  readonly def: {
    readonly type: string;
    readonly innerType?: unknown;
    readonly in?: unknown;
    readonly options?: unknown[];
    readonly element?: unknown;
    readonly shape?: Record<string, unknown>;
  };
}

/** Looks through defaults, optionals, pipes and unions. */
function alternatives(schema: unknown): unknown[] {
  const { def } = schema as Definition;
  if (def.innerType !== undefined) return alternatives(def.innerType);
  if (def.in !== undefined) return alternatives(def.in);
  if (def.options !== undefined) return def.options.flatMap(alternatives);
  return [schema];
}

function inside(schema: unknown, part: PropertyKey): unknown[] {
  const { def } = schema as Definition;
  if (typeof part === "number") return def.element === undefined ? [] : [def.element];
  const child = shapeOf(schema)?.[String(part)];
  return child === undefined ? [] : [child];
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return (schema as Definition).def.shape;
}
