import type { Mend } from "./finding.ts";

export interface Cure {
  readonly symptom: RegExp;
  /** What an operator loses until then. */
  readonly why: string;
  mend(found: RegExpExecArray, user: string): Mend;
}
