/** A terminal of the usual size, and what a mail still quotes well. */
const width = 100;

/** Breaks a text at spaces into lines of at most 100 columns, a word that is longer than that wherever it ends. */
export function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const room = rest.slice(0, width + 1);
    const space = room.lastIndexOf(" ");
    const cut = space > indent ? space : width;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = " ".repeat(indent) + rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

export type Tone = "page" | "ticket" | "info" | "good" | "strong" | "dim";

/** SGR, ECMA-48 section 8.3.117: colours that both light and dark terminals show well. */
const codes: Readonly<Record<Tone, number>> = { page: 31, ticket: 33, info: 36, good: 32, strong: 1, dim: 2 };

export const toned = (line: string, tone: Tone | undefined): string =>
  tone === undefined || line === "" ? line : `\u001B[${codes[tone]}m${line}\u001B[0m`;
