import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Finding, flow, inConfig, inFile, ok } from "../finding.ts";
import type { Examination } from "../patient.ts";

/** A block of logrotate's configuration. */
export interface Rule {
  readonly file: string;
  /** File names as written, perhaps with `*` and `?`. */
  readonly patterns: readonly string[];
  readonly directives: readonly string[];
  /** The folder into which it rotates, as written. */
  readonly olddir?: string | undefined;
}

/** How followed logs are rotated, as far as that can lose lines (logrotate(8)). */
export const rotation: Examination = async (patient) => {
  const rules = await logrotateRules();
  return (await patient.logs()).flatMap(({ node, type, path, bytes, olddir }) =>
    judgeRotation(`${node}/${type} rotation`, path, bytes, rules, olddir),
  );
};

/** `olddir`: where Mailtide looks for what is rotated, beside the log's own folder. */
export function judgeRotation(
  what: string,
  path: string,
  bytes: number,
  rules: readonly Rule[],
  olddir?: string,
): Finding[] {
  const rule = rules.find(({ patterns }) => patterns.some((pattern) => matches(pattern, path)));
  if (rule === undefined) {
    if (bytes < 1 << 30) return [];
    const says = `${path} has ${Math.round(bytes / 2 ** 30)} GiB, and no rule of logrotate names it`;
    const block = [`${path} {`, "  daily", "  rotate 14", "  create 0640 syslog adm", "  compress", "  delaycompress"];
    const why = "It will fill the disk that mail needs.";
    return [
      {
        verdict: "note",
        what,
        says,
        why,
        mend: inFile(
          "/etc/logrotate.d/mail",
          ...block,
          "  postrotate",
          "    /usr/lib/rsyslog/rsyslog-rotate",
          "  endscript",
          "}",
        ),
      },
    ];
  }
  const has = (word: string): boolean => rule.directives.includes(word);
  const findings: Finding[] = [];
  if (has("copytruncate")) {
    findings.push({
      verdict: "note",
      what,
      says: `${rule.file} empties ${path} in place (copytruncate)`,
      why: "Lines written between the copy and the emptying are lost to everybody, most of them under load; renamed files lose none.",
      mend: inFile(
        `${rule.file}, in place of copytruncate`,
        "create 0640 syslog adm",
        "postrotate",
        "  /usr/lib/rsyslog/rsyslog-rotate",
        "endscript",
      ),
    });
  }
  const [into, known] = [rule.olddir ?? ".", olddir ?? "."].map((folder) => resolve(dirname(path), folder));
  if (into !== undefined && into !== dirname(path) && into !== known) {
    findings.push({
      verdict: "missing",
      what,
      says: `${rule.file} rotates ${path} into ${into} (olddir), where Mailtide does not look`,
      why: "What is rotated away while Mailtide does not run is not read, and counts as lost.",
      mend: inConfig(`olddir: ${flow(into)} # beside path: ${flow(path)}`),
    });
  }
  return findings.length === 0 ? [ok(what, `${rule.file} renames it`)] : findings;
}

function matches(pattern: string, path: string): boolean {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]");
  return new RegExp(`^${escaped}$`).test(path);
}

async function logrotateRules(): Promise<Rule[]> {
  const folder = "/etc/logrotate.d";
  const names = await readdir(folder).catch(() => []);
  const files = ["/etc/logrotate.conf", ...names.slice(0, 200).map((name) => join(folder, name))];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const [global = ""] = texts;
  const defaults = parseRules("", `/ {\n${global.replaceAll(/^[^\n{]*\{[^}]*\}/gm, "")}\n}`)[0];
  return texts.flatMap((text, at) =>
    parseRules(files[at] ?? "", text.slice(0, 64 << 10)).map((rule) => ({
      ...rule,
      directives: [...(defaults?.directives ?? []), ...rule.directives],
      olddir: rule.directives.includes("noolddir") ? undefined : (rule.olddir ?? defaults?.olddir),
    })),
  );
}

/** Blocks `names { directives }`; scripts are skipped. */
export function parseRules(file: string, text: string): Rule[] {
  const plain = text
    .replaceAll(/^\s*#.*$/gm, "")
    .replaceAll(/^\s*(?:pre|post|first|last)(?:rotate|action|remove)\s*$[^]*?^\s*endscript\s*$/gm, "");
  return [...plain.matchAll(/((?:^[ \t]*"?\/[^{}\n]*\n?)+)\s*\{([^}]*)\}/gm)].map(([, names = "", body = ""]) => ({
    file,
    patterns: [...names.matchAll(/"([^"]+)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ""),
    directives: body.split("\n").flatMap((line) => line.trim().split(/\s+/)[0] || []),
    olddir: /^\s*olddir\s+"?([^\s"]+)/m.exec(body)?.[1],
  }));
}
