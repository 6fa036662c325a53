/** Worst first. FAILS: does not work. missing: Mailtide is blind to something. note: worth knowing. */
export const verdicts = ["FAILS", "missing", "note", "ok"] as const;
export type Verdict = (typeof verdicts)[number];

export interface Finding {
  readonly verdict: Verdict;
  /** The collector, node, setting or program that it is about. */
  readonly what: string;
  readonly says: string;
  /** One sentence: what an operator loses without it. */
  readonly why?: string;
  readonly mend?: Mend;
}

/** Exactly what to write or to run. */
export interface Mend {
  /** `run`, or which file and where in it. */
  readonly where: string;
  readonly lines: readonly string[];
  /** The lines are an entry of `dependencies`; `secret` where they name one that has to be made first. */
  readonly dependency?: "plain" | "secret";
}

export const ok = (what: string, says: string): Finding => ({ verdict: "ok", what, says });

export const command = (...lines: string[]): Mend => ({ where: "run", lines });
export const inFile = (file: string, ...lines: string[]): Mend => ({ where: `in ${file}`, lines });
export const inConfig = (...lines: string[]): Mend => inFile("mailtide.yaml", ...lines);
export const inNode = (node: string, ...lines: string[]): Mend =>
  inFile(`mailtide.yaml, in the node ${node}`, ...lines);

/** The finding as of a configuration that is called otherwise; one that names whose file it means stays. */
export function inTheFile(finding: Finding, name: string): Finding {
  const { mend } = finding;
  if (mend === undefined || !/^in mailtide\.yaml(?:,|$)/.test(mend.where)) return finding;
  return { ...finding, mend: { ...mend, where: mend.where.replace("mailtide.yaml", () => name) } };
}

type Value = string | number | Value[] | { readonly [key: string]: Value };

/** An entry of `dependencies`; `secretUrl` shows the form of what the environment variable has to hold. */
export function dependency(entry: { readonly [key: string]: Value }, secretUrl?: string): Mend {
  const note = secretUrl === undefined ? "" : ` # ${secretUrl}`;
  return {
    where: 'in mailtide.yaml, below "dependencies:"',
    lines: [`- ${flow(entry)}${note}`],
    dependency: secretUrl === undefined ? "plain" : "secret",
  };
}

/** YAML in one line. */
export function flow(value: Value): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return /^[A-Za-z/][A-Za-z0-9_./-]*$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map(([key, inside]) => `${key}: ${flow(inside)}`)
    .join(", ")} }`;
}

/** A word of a command line that a shell takes as it stands. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
