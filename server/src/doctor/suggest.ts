import type { Finding } from "./finding.ts";
import { pasted } from "./report.ts";

/**
 * Configuration to paste: with `base` (what a host without a configuration is watched by) a whole mailtide.yaml, else the
 * dependencies that are missing. What needs a secret first is commented out, so that the rest works as it stands.
 */
export function suggestion(findings: readonly Finding[], base: string | null): string {
  const entries = findings.flatMap(({ says, mend }) => (mend?.dependency === undefined ? [] : [{ says, mend }]));
  const lines = entries.flatMap(({ says, mend }) => [
    `  # ${pasted(says)}`,
    ...mend.lines.map((line) => `  ${mend.dependency === "secret" ? "# " : ""}${pasted(line)}`),
  ]);
  const hasAny = entries.some(({ mend }) => mend.dependency === "plain");
  const head = lines.length === 0 ? [] : [hasAny ? "dependencies:" : "dependencies: []"];
  return [...(base === null ? [] : [base.trimEnd()]), ...head, ...lines, ""].join("\n");
}
