import type { Resolver } from "node:dns/promises";
import { isIP } from "node:net";

export type Record = "A" | "AAAA" | "MX" | "TXT" | "PTR" | "NS";

export interface Question {
  readonly name: string;
  readonly record: Record;
  /** Values that must be among the answers: addresses, host names of mail servers, texts. */
  readonly expect?: readonly string[] | undefined;
}

export interface Answer {
  readonly question: Question;
  /** Null when it is as it should be. */
  readonly problem: Problem | null;
}
interface Problem {
  readonly code: string;
  readonly words: string;
}

/** A name that does not exist is an answer, and one that nobody who asked for it wants. */
export async function ask(resolver: Resolver, question: Question): Promise<Answer> {
  const { name, record, expect = [] } = question;
  try {
    // An address is asked for by its name in the reverse tree.
    const found =
      record === "PTR" && isIP(name) !== 0 ? await resolver.reverse(name) : await resolver.resolve(name, record);
    const values = (Array.isArray(found) ? found : [found]).map(valueOf);
    const missing = expect.filter((value) => !values.includes(plain(value)));
    if (missing.length === 0) return { question, problem: null };
    const words = `${missing.join(", ")} is not among the answers (${values.slice(0, 3).join(", ")})`;
    return { question, problem: { code: "MISSING", words } };
  } catch (error) {
    const code = (error as { code?: string }).code ?? "";
    return { question, problem: { code, words: known[code] ?? code.toLowerCase() } };
  }
}

/** Names have no case, and a dot at their end says nothing. */
const plain = (text: string): string => text.toLowerCase().replace(/\.$/u, "");

function valueOf(found: unknown): string {
  if (typeof found === "string") return plain(found);
  // The pieces of one text record.
  if (Array.isArray(found)) return plain(found.join(""));
  const { exchange } = found as { exchange?: string };
  return plain(exchange ?? JSON.stringify(found));
}

/** RFC 1035, 4.1.1. A mail server that is "." takes no mail (RFC 7505). */
const known: Readonly<{ [code: string]: string | undefined }> = {
  ESERVFAIL: "SERVFAIL",
  EREFUSED: "REFUSED",
  ENOTIMP: "NOTIMP",
  EFORMERR: "FORMERR",
  ENOTFOUND: "NXDOMAIN",
  ENODATA: "no such record",
  ETIMEOUT: "no answer",
  ECONNREFUSED: "connection refused",
  ECANCELLED: "no answer",
  EBADRESP: "an answer that is none",
};

/** One sentence for all that failed: what concerns the resolver as a whole, else name by name. */
export function inWords(answers: readonly Answer[], resolver: string): string | null {
  const failed = answers.flatMap(({ question, problem }) => (problem === null ? [] : [{ question, problem }]));
  const [first] = failed;
  if (first === undefined) return null;
  const all = failed.length === answers.length;
  const { words } = first.problem;
  if (all && about.has(words) && failed.every(({ problem }) => problem.words === words))
    return words === "no answer" ? `${resolver} does not answer` : `${resolver} says ${words} to every name`;
  const shown = failed.slice(0, mostShown).map(({ question: { name, record }, problem }) => {
    // What answers other names refuses only TCP, which is asked for what does not fit into UDP (RFC 7766).
    const isTcp = problem.code === "ECONNREFUSED" && !all;
    return `${record} ${name}: ${isTcp ? "the answer does not fit UDP, and TCP is refused" : problem.words}`;
  });
  const more = failed.length > mostShown ? ` and ${failed.length - mostShown} more` : "";
  return `${resolver}: ${shown.join("; ")}${more}`;
}

/** Said by, or of, a resolver whatever the name. */
const about = new Set(["no answer", "connection refused", "SERVFAIL", "REFUSED"]);
const mostShown = 4;
