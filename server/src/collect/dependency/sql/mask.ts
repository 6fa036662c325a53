/** How literals are written. */
export type Dialect = "postgres" | "mysql";

/**
 * A statement that can be shown: every literal is `?`, comments are gone, white space and control characters are one
 * space, and it is at most 500 characters long. A literal that is cut off (PostgreSQL cuts at track_activity_query_size)
 * is masked to its end. Lexical rules: PostgreSQL documentation, "SQL Syntax", 4.1, with standard_conforming_strings on;
 * MariaDB documentation, "String Literals", with backslashes that escape, and double quotes that hold strings.
 */
export function maskStatement(sql: string, dialect: Dialect = "postgres"): string {
  let out = "";
  let at = 0;
  const text = sql.slice(0, longestInput);
  while (at < text.length) {
    const [shown, end] = next(text, at, dialect);
    out += shown;
    at = end;
  }
  const line = out.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return line.length <= longestOutput ? line : `${line.slice(0, longestOutput - 1)}…`;
}

const longestInput = 20_000;
const longestOutput = 500;

/** What stands at `at`, as it may be shown, and where it ends. */
function next(text: string, at: number, dialect: Dialect): [shown: string, end: number] {
  const string = match(literals[dialect], text, at);
  if (string !== null) return ["?", at + string.length];
  const dollar = dialect === "postgres" ? match(dollarQuote, text, at) : null;
  if (dollar !== null) {
    const close = text.indexOf(dollar, at + dollar.length);
    return ["?", close < 0 ? text.length : close + dollar.length];
  }
  if (text.startsWith("/*", at)) return [" ", endOfComment(text, at)];
  const lineComment = match(dialect === "postgres" ? /--[^\n]*/uy : /(?:--|#)[^\n]*/uy, text, at);
  if (lineComment !== null) return [" ", at + lineComment.length];
  const number = match(/(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d+)?[\w]*/iuy, text, at);
  if (number !== null) return ["?", at + number.length];
  // A name with its digits, a quoted name, a parameter, or else one character as it is.
  const word =
    match(/[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\$\d+|[\s\S]/uy, text, at) ?? " ";
  return [word, at + word.length];
}

/** `'it''s'`, and with backslashes `E'it\'s'`; also after B, X, N and U&; to the end of the text when it is not closed. */
const literals: Readonly<Record<Dialect, RegExp>> = {
  postgres: /(?:e'(?:[^'\\]|\\[\s\S]|'')*(?:'|\\?$)|(?:b|x|n|u&)?'(?:[^']|'')*(?:'|$))/iuy,
  // A character set may stand before it: _utf8mb4'...'.
  mysql: /(?:(?:b|x|n|_[a-z0-9]{1,20}\s*)?'(?:[^'\\]|\\[\s\S]|'')*(?:'|\\?$)|"(?:[^"\\]|\\[\s\S]|"")*(?:"|\\?$))/iuy,
};
const dollarQuote = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** Comments nest in PostgreSQL. */
function endOfComment(text: string, at: number): number {
  let depth = 0;
  for (let place = at; place < text.length; place += 1) {
    if (text.startsWith("/*", place)) {
      depth += 1;
      place += 1;
    } else if (text.startsWith("*/", place)) {
      depth -= 1;
      place += 1;
      if (depth === 0) return place + 1;
    }
  }
  return text.length;
}
