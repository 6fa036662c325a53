import { nearest } from "../config/nearest.ts";

/**
 * What the parser of command lines says, as one sentence like everything else that is said of a command line. `options`: those
 * that would have been understood.
 */
export function usageWords(text: string, options: readonly string[]): string {
  const said = text
    .replace(/^error: /, "")
    .replace(password, "//***@")
    .trim();
  const found = forms.find(([form]) => form.test(said));
  const sentence = found === undefined ? said : said.replace(...found);
  const stranger = /^unknown option (\S+)$/.exec(sentence)?.[1];
  const near = stranger === undefined ? undefined : nearest(stranger, options);
  return `mailtide: ${sentence}${near === undefined ? "" : `; did you mean ${near}?`}\n`;
}

const password = /\/\/[^/\s]*@/g;

const forms: readonly [RegExp, string][] = [
  [/^option '([^']*)' argument '\s*' is invalid\..*$/s, "$1 has an empty value"],
  [/^option '(?:-\w, )?(\S+)[^']*' argument '(.*)' is invalid\. (.*?)\.?$/s, "$1 $2: $3"],
  [/^option '([^']*)' argument missing$/, "$1 has no value"],
  [/^missing required argument '([^']*)'$/, "<$1> is missing"],
  [/^unknown option '([^']*)'$/, "unknown option $1"],
  [/^too many arguments for '(parse|queue)'.*$/s, "$1 takes no file, it reads standard input: mailtide $1 ... < FILE"],
  [/^too many arguments for '([^']*)'\. Expected 0 .*$/s, "$1 takes options only"],
  [/^too many arguments for '([^']*)'\. Expected 1 \S+ but got (\d+)\.$/, "$1 takes 1 argument, not $2"],
];
