import { cleanText } from "../core/text/clean.ts";
import { type Finding, type Mend, type Verdict, verdicts } from "./finding.ts";

export interface Line {
  readonly text: string;
  /** Columns that further lines of it are set in by; absent: never broken, so that it can be pasted. */
  readonly indent?: number;
  readonly tone?: "page" | "ticket" | "info" | "dim" | "strong";
}

/** Worst first, each with what it costs and what mends it; the last line is the sum. Nothing in it steers a terminal. */
export function report(findings: readonly Finding[]): Line[] {
  const ordered = verdicts.flatMap((verdict) => findings.filter((finding) => finding.verdict === verdict));
  return [...ordered.flatMap(linesOf), { text: "" }, { text: summary(findings), tone: "strong", indent: 0 }];
}

/** The verdict, and what it is about, in one line. */
export const oneLine = ({ verdict, what, says }: Finding): string =>
  `${verdict.padEnd(column - 1)} ${cleanText(what)}: ${cleanText(says, longestText)}`;

const column = 8;
const longestText = 500;
const tones: Readonly<Record<Verdict, NonNullable<Line["tone"]>>> = {
  FAILS: "page",
  missing: "ticket",
  note: "info",
  ok: "dim",
};

function linesOf(finding: Finding): Line[] {
  const head: Line = { text: oneLine(finding), indent: column, tone: tones[finding.verdict] };
  if (finding.verdict === "ok") return [head];
  const margin = " ".repeat(column);
  const why =
    finding.why === undefined ? [] : [{ text: `${margin}${cleanText(finding.why, longestText)}`, indent: column }];
  return [head, ...why, ...mendLines(finding.mend, margin), { text: "" }];
}

function mendLines(mend: Mend | undefined, margin: string): Line[] {
  if (mend === undefined) return [];
  return [
    { text: `${margin}-> ${cleanText(mend.where)}:`, indent: column },
    ...mend.lines.map((line) => ({ text: `${margin}     ${pasted(line)}` })),
  ];
}

/** As `cleanText`, but what is to be pasted keeps its own indentation. */
export function pasted(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? "";
  return indent + cleanText(line, 4_000);
}

function summary(findings: readonly Finding[]): string {
  const count = (verdict: Verdict): number => findings.filter((finding) => finding.verdict === verdict).length;
  const [fails, missing, notes, fine] = verdicts.map(count);
  const state = fails === 0 ? "Nothing fails" : `${fails} ${fails === 1 ? "thing fails" : "things fail"}`;
  const more = missing === 0 ? "nothing is missing" : `${missing} would make Mailtide see more`;
  return `${state}; ${more}; ${notes} ${notes === 1 ? "note" : "notes"}; ${fine} ok.`;
}
