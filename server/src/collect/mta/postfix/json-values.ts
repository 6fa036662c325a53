import { type ListingReader, longestLineBytes } from "../../queue/listing.ts";

/**
 * Joins the lines of JSON objects and hands over each object's text: one a line, or as jq(1) prints them, spread over lines that
 * a brace begins and one as far from the margin ends, and with `-s` as a list. `read` answers whether it is such an object.
 */
export function jsonValues(read: (text: string) => boolean): ListingReader {
  let garbled = 0;
  let open: { readonly margin: string; readonly lines: string[]; length: number } | null = null;

  const give = (text: string): void => {
    if (!read(text)) garbled += 1;
  };
  /** What of an object that never ended was read is no object. */
  const abandon = (): void => {
    garbled += open?.lines.length ?? 0;
    open = null;
  };

  const goOn = (line: string): void => {
    if (open === null) return;
    open.lines.push(line);
    open.length += line.length;
    if (line.startsWith("}", open.margin.length) && line.startsWith(open.margin)) {
      const text = open.lines.join("");
      open = null;
      give(withoutList(text));
    } else if (open.length > longestLineBytes) abandon();
  };

  return {
    piece(line) {
      if (open !== null) return goOn(line);
      const text = withoutList(line);
      if (text === "") return;
      if (line.startsWith("[{") && line.endsWith("}]")) eachOf(line).forEach(give);
      else if (text === "{")
        open = { margin: /^[\s[]*/.exec(line)?.[0].replace("[", " ") ?? "", lines: ["{"], length: 1 };
      else give(text);
    },
    end: abandon,
    get garbled() {
      return garbled;
    },
  };
}

/** Without the bracket that begins a list, and what parts and ends its values. */
function withoutList(line: string): string {
  const text = line.trim();
  const last = text.at(-1);
  if (!text.startsWith("[") && last !== "," && last !== "]") return text;
  return text.replace(/^\[\s*/, "").replace(/\s*(?:,|\]|,\])$/, "");
}

/** The objects of a list that stands on one line; that line itself when it is none. */
function eachOf(line: string): string[] {
  try {
    return (JSON.parse(line) as unknown[]).map((one) => JSON.stringify(one));
  } catch {
    return [line];
  }
}
