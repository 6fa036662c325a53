import { lineReader } from "./collect/readers.ts";
import type { ParserFor } from "./replay/contract.ts";

/** Recorded lines are read by the very parsers that read live ones. */
export const parserFor: ParserFor = (mta, context) => {
  const reader = lineReader(mta, context);
  if (reader === null) throw new Error(`logs of ${mta} cannot be read by this version`);
  return reader;
};
