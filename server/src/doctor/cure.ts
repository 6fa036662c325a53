import type { Mend } from "./finding.ts";

export interface Cure {
  /** Whose words they are; anybody's unless stated. */
  readonly of?: RegExp;
  readonly symptom: RegExp;
  /** What an operator loses until then. */
  readonly why: string;
  mend(found: RegExpExecArray, user: string): Mend;
}
