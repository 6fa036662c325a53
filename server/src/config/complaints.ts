import type { z } from "zod";
import { inWords } from "./issue-words.ts";
import { nearest } from "./nearest.ts";

export type Path = readonly PropertyKey[];

/** What a schema says against a document, for the one who wrote it. */
export interface Complaint {
  /** Where it stands. */
  readonly path: Path;
  /** As it is shown; empty where the message names it. */
  readonly key: string;
  readonly message: string;
}

export function complaints(issues: readonly z.core.$ZodIssue[], raw: unknown, schema: unknown): Complaint[] {
  return issues.flatMap((issue) => complaintsOf(issue, { raw, schema }));
}

/** ` ; did you mean "x"?`, or nothing when nothing is near. */
export function meant(word: string, valid: readonly string[]): string {
  const close = nearest(word, valid);
  return close === undefined ? "" : `; did you mean "${close}"?`;
}

interface Said {
  readonly raw: unknown;
  readonly schema: unknown;
}

function complaintsOf(issue: z.core.$ZodIssue, said: Said): Complaint[] {
  const key = keyText(issue.path);
  const problem = (message: string): Complaint[] => [{ path: issue.path, key, message }];
  if (issue.code === "unrecognized_keys") {
    const valid = schemasAt(said, issue.path).flatMap((schema) => Object.keys(shapeOf(schema) ?? {}));
    return issue.keys.map((unknown) => {
      const message = `unknown key "${unknown}"${key === "" ? "" : ` in ${key}`}${meant(unknown, valid)}`;
      return { path: [...issue.path, unknown], key: "", message };
    });
  }
  const found = valueAt(said.raw, issue.path);
  const [form, another] = issue.code === "invalid_union" ? written(issue, found) : [];
  if (form !== undefined && another === undefined)
    return form.flatMap((inner) => complaintsOf({ ...inner, path: [...issue.path, ...inner.path] }, said));
  const valid = issue.code === "invalid_value" ? issue.values.map(String) : namedKinds(issue, said);
  if (typeof found === "string" && valid.length > 0 && !valid.includes(found))
    return problem(`"${found}" is none of ${valid.join(", ")}${meant(found, valid)}`);
  return problem(inWords(issue, found));
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

export function keyText(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`))
    .join("");
}

/** One name may stand where a list of them may. */
const step = (here: unknown, part: PropertyKey): unknown =>
  typeof here === "string" ? here : (here as Record<PropertyKey, unknown> | null)?.[part];

export function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce(step, raw);
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
