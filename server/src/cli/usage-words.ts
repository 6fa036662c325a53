/** What the parser of command lines says, as one sentence like everything else that is said of a command line. */
export function usageWords(text: string): string {
  const said = text.replace(/^error: /, "").trim();
  const found = forms.find(([form]) => form.test(said));
  return `mailtide: ${found === undefined ? said : said.replace(...found)}\n`;
}

const forms: readonly [RegExp, string][] = [
  [/^option '(?:-\w, )?(\S+)[^']*' argument '(.*)' is invalid\. (.*?)\.?$/s, "$1 $2: $3"],
  [/^option '([^']*)' argument missing$/, "$1 has no value"],
  [/^required option '([^']*)' not specified$/, "$1 is missing"],
  [/^missing required argument '([^']*)'$/, "<$1> is missing"],
  [/^unknown option '([^']*)'\s*\(Did you mean (.+)\?\)$/s, "unknown option $1; did you mean $2?"],
  [/^unknown option '([^']*)'$/, "unknown option $1"],
  [/^too many arguments for '([^']*)'\. Expected (\d+) \S+ but got (\d+)\.$/, "$1 takes $2 arguments, not $3"],
];
