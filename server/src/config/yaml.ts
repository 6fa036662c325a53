import { isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { ConfigError } from "./error.ts";
import { inWords } from "./issue-words.ts";
import { nearest } from "./nearest.ts";

type Path = readonly PropertyKey[];

export interface YamlDocument<T> {
  readonly value: T;
  /** `file:line: key: message`, for what the schema cannot say. */
  problem(path: Path, message: string): string;
  /** Whether it stands there, be it with what would hold anyway. */
  states(path: Path): boolean;
}

/** Parses and validates. `name` stands in the messages. Throws ConfigError with one sentence a problem. */
export function parseYaml<S extends z.ZodType>(text: string, name: string, schema: S): YamlDocument<z.infer<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => `${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`),
    );
  }
  const place = (path: Path): string => {
    const offset = offsetOf(document.contents, path);
    return offset === undefined ? name : `${name}:${lines.linePos(offset).line}`;
  };
  const problem = (path: Path, message: string) => {
    const key = keyText(path);
    return `${place(path)}: ${key === "" ? "" : `${key}: `}${message}`;
  };
  const raw: unknown = document.toJS({ maxAliasCount: 50 }) ?? {};
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { value: parsed.data, problem, states: (path) => valueAt(raw, path) !== undefined };
  const said = { raw, schema, place, problem };
  throw new ConfigError(parsed.error.issues.flatMap((issue) => sentences(issue, said)));
}

/** ` ; did you mean "x"?`, or nothing when nothing is near. */
export function meant(word: string, valid: readonly string[]): string {
  const close = nearest(word, valid);
  return close === undefined ? "" : `; did you mean "${close}"?`;
}

interface Said {
  readonly raw: unknown;
  readonly schema: unknown;
  place(path: Path): string;
  problem(path: Path, message: string): string;
}

function sentences(issue: z.core.$ZodIssue, said: Said): string[] {
  const key = keyText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const valid = schemasAt(said, issue.path).flatMap((schema) => Object.keys(shapeOf(schema) ?? {}));
    return issue.keys.map(
      (unknown) =>
        `${said.place([...issue.path, unknown])}: unknown key "${unknown}"${key === "" ? "" : ` in ${key}`}${meant(unknown, valid)}`,
    );
  }
  const found = valueAt(said.raw, issue.path);
  const [form, another] = issue.code === "invalid_union" ? written(issue, found) : [];
  if (form !== undefined && another === undefined)
    return form.flatMap((inner) => sentences({ ...inner, path: [...issue.path, ...inner.path] }, said));
  const valid = issue.code === "invalid_value" ? issue.values.map(String) : namedKinds(issue, said);
  if (typeof found === "string" && valid.length > 0 && !valid.includes(found))
    return [said.problem(issue.path, `"${found}" is none of ${valid.join(", ")}${meant(found, valid)}`)];
  return [said.problem(issue.path, inWords(issue, found))];
}

/**
 * Of several forms those that may be what was written. Where the union says itself what it takes, only one that fits but for
 * what we ourselves say against it.
 */
function written({ message, errors }: z.core.$ZodIssueInvalidUnion, found: unknown): z.core.$ZodIssue[][] {
  if (!message.startsWith("Invalid")) return errors.filter((issues) => issues.every(({ code }) => code === "custom"));
  const isOther = ({ code, path }: z.core.$ZodIssue): boolean =>
    path.length === 0 && (code === "invalid_type" || (code === "invalid_value" && typeof found !== "string"));
  return errors.filter((issues) => !issues.some(isOther));
}

/** The kinds that a union knows, where its discriminator names none of them. */
function namedKinds(issue: z.core.$ZodIssue, said: Said): string[] {
  const last = issue.path.at(-1);
  if (issue.code !== "invalid_union" || issue.errors.length > 0 || last === undefined) return [];
  return schemasAt(said, issue.path.slice(0, -1)).flatMap((schema) => literalsOf(shapeOf(schema)?.[String(last)]));
}

function keyText(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`))
    .join("");
}

/** One name may stand where a list of them may. */
const step = (here: unknown, part: PropertyKey): unknown =>
  typeof here === "string" ? here : (here as Record<PropertyKey, unknown> | null)?.[part];

function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce(step, raw);
}

/** Where the key (or, for a missing one, what holds it) stands. */
function offsetOf(root: unknown, path: Path): number | undefined {
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

/** Every schema that may hold at a path, over all kinds that could be meant. */
function schemasAt(said: Said, path: Path): unknown[] {
  let schemas = alternatives(said.schema);
  path.forEach((part, depth) => {
    const value = valueAt(said.raw, path.slice(0, depth + 1));
    schemas = likely(
      schemas.flatMap((schema) => inside(schema, part)).flatMap((schema) => alternatives(schema)),
      value,
    );
  });
  return schemas;
}

/** Of several kinds, those whose fixed words the value has; all of them when it has none's. */
function likely(schemas: unknown[], value: unknown): unknown[] {
  const fits = schemas.filter((schema) =>
    Object.entries(shapeOf(schema) ?? {}).some(([key, child]) =>
      literalsOf(child).includes(String((value as Record<string, unknown> | null)?.[key])),
    ),
  );
  return fits.length > 0 ? fits : schemas;
}

interface Definition {
  readonly def: {
    readonly type: string;
    readonly innerType?: unknown;
    readonly in?: unknown;
    readonly options?: unknown[];
    readonly element?: unknown;
    readonly shape?: Record<string, unknown>;
    readonly values?: unknown[];
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

function literalsOf(schema: unknown): string[] {
  const def = (schema as Definition | undefined)?.def;
  return def?.type === "literal" ? (def.values ?? []).map(String) : [];
}
