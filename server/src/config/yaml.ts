import { isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { complaints, keyText, type Path, valueAt } from "./complaints.ts";
import { ConfigError } from "./error.ts";

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
  const [broken] = document.errors;
  // What follows the first is said of what it made of the rest.
  if (broken !== undefined)
    throw new ConfigError([
      `${name}:${lines.linePos(broken.pos[0]).line}: ${known[broken.code] ?? `not readable as YAML here: ${broken.message}`}`,
    ]);
  const place = (path: Path): string => {
    const offset = offsetOf(document.contents, path);
    return offset === undefined ? name : `${name}:${lines.linePos(offset).line}`;
  };
  const said = (path: Path, key: string, message: string) =>
    `${place(path)}: ${key === "" ? "" : `${key}: `}${message}`;
  const problem = (path: Path, message: string) => said(path, keyText(path), message);
  const raw = plain(document, name) ?? {};
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { value: parsed.data, problem, states: (path) => valueAt(raw, path) !== undefined };
  const found = complaints(parsed.error.issues, raw, schema);
  throw new ConfigError(found.map(({ path, key, message }) => said(path, key, message)));
}

/** What the reader of YAML would say to programmers. */
const known: Readonly<Record<string, string | undefined>> = {
  DUPLICATE_KEY: "the same key stands there twice",
  MULTIPLE_DOCS: "a second document begins here (---): one file holds one",
  TAB_AS_INDENT: "a tab: lines are indented with spaces",
  BAD_INDENT:
    "this line stands too far left or right: those that belong together begin in the same column, and a { or [ above must be closed",
  MISSING_CHAR: "a quote, a comma, or the } or ] of what was opened is missing here or above",
  BLOCK_AS_IMPLICIT_KEY:
    "this line or the next is indented too far, or a colon stands in a text: such a text needs quotes",
  MULTILINE_IMPLICIT_KEY: "a line without a colon, or a quote that is not closed: keys are written key: value",
  BAD_SCALAR_START: "a text that begins with @ or ` needs quotes",
};

/** Throws where a value begins with a star and names nothing: a mask like `*.example.org`, more often than an alias. */
function plain(document: ReturnType<typeof parseDocument>, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    const [, word] = /^Unresolved alias .*: (.*)$/s.exec((error as Error).message) ?? [];
    const why =
      word === undefined ? (error as Error).message : `a value that begins with a star needs quotes: "*${word}"`;
    throw new ConfigError([`${name}: ${why}`]);
  }
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
