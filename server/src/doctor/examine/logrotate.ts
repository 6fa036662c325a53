import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A block of logrotate's configuration (logrotate(8)). */
export interface Rule {
  readonly file: string;
  /** File names as written, perhaps with `*` and `?`. */
  readonly patterns: readonly string[];
  readonly directives: readonly string[];
  /** The folder into which it rotates, as written. */
  readonly olddir?: string | undefined;
}

/** All blocks on this host, each with what stands before them in the main file. */
export async function logrotateRules(): Promise<Rule[]> {
  const folder = "/etc/logrotate.d";
  const names = await readdir(folder).catch(() => []);
  const files = ["/etc/logrotate.conf", ...names.slice(0, 200).map((name) => join(folder, name))];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const [main = ""] = texts;
  const defaults = stated(blocksOf(main.slice(0, mostCharacters)).outside);
  return texts.flatMap((text, at) =>
    parseRules(files[at] ?? "", text.slice(0, mostCharacters)).map((rule) => ({
      ...rule,
      directives: [...defaults.directives, ...rule.directives],
      olddir: rule.directives.includes("noolddir") ? undefined : (rule.olddir ?? defaults.olddir),
    })),
  );
}

const mostCharacters = 64 << 10;

/** Blocks `names { directives }`; scripts and comments are skipped. */
export function parseRules(file: string, text: string): Rule[] {
  return blocksOf(text).blocks.map(({ names, body }) => ({
    file,
    patterns: [...names.join(" ").matchAll(/"([^"]+)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ""),
    ...stated(body),
  }));
}

/** Whether a name with `*` and `?`, which stand for no slash, means the file. */
export function isMeant(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  return wanted.length === given.length && wanted.every((each, at) => isLike(each, given[at] ?? ""));
}

/** Goes back to the last star only: what an earlier one could take as well, the last one takes. */
function isLike(pattern: string, name: string): boolean {
  let [at, star, from] = [0, -1, 0];
  for (let index = 0; index < name.length;) {
    if (pattern[at] === "*") {
      [star, from] = [at++, index];
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++from;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

interface Block {
  readonly names: readonly string[];
  readonly body: readonly string[];
}

/** Line by line, so that no file takes longer than its length. */
function blocksOf(text: string): { readonly blocks: readonly Block[]; readonly outside: readonly string[] } {
  const blocks: Block[] = [];
  const outside: string[] = [];
  let names: string[] = [];
  let body: string[] | null = null;
  let isScript = false;
  for (const raw of text.split("\n")) {
    let line = raw.trim();
    if (isScript || line === "" || line.startsWith("#")) {
      if (line === "endscript") isScript = false;
      continue;
    }
    if (scripts.has(line)) {
      isScript = true;
      continue;
    }
    if (body === null) {
      const opens = line.indexOf("{");
      const before = opens < 0 ? line : line.slice(0, opens);
      (/^"?\//.test(before) ? names : outside).push(before);
      if (opens < 0) continue;
      body = [];
      line = line.slice(opens + 1);
    }
    const closes = line.indexOf("}");
    body.push(closes < 0 ? line : line.slice(0, closes));
    if (closes < 0) continue;
    if (names.length > 0) blocks.push({ names, body });
    names = [];
    body = null;
  }
  return { blocks, outside };
}

const scripts: ReadonlySet<string> = new Set(["prerotate", "postrotate", "firstaction", "lastaction", "preremove"]);

function stated(lines: readonly string[]): Pick<Rule, "directives" | "olddir"> {
  const words = lines.map((line) => line.trim().split(/\s+/));
  const [, olddir] = words.find(([first]) => first === "olddir") ?? [];
  return { directives: words.flatMap(([first]) => first || []), olddir: olddir?.replaceAll('"', "") };
}
