import { dirname, resolve } from "node:path";
import { type Finding, flow, inConfig, inFile, ok } from "../finding.ts";
import type { Examination } from "../patient.ts";
import { isMeant, logrotateRules, type Rule } from "./logrotate.ts";

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
  const rule = rules.find(({ patterns }) => patterns.some((pattern) => isMeant(pattern, path)));
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
