import { z } from "zod";
import { parsePrefix } from "../core/model/address.ts";

/**
 * Names and addresses that are compared with what logs say. One that can never be the same would be silent for ever, and mail
 * to customers would count as mail to strangers.
 */
export const ownDomain = z
  .string()
  .refine(
    (text) => /^[^\s@*/:.]+(?:\.[^\s@*/:.]+)*$/.test(text),
    "not a domain such as example.org; each is named by itself, without @, * or a dot before it",
  );

export const ownHop = z.string().transform((text, context) => {
  const problem = hopProblem(text);
  if (problem === null) return text;
  context.addIssue({ code: "custom", message: problem });
  return z.NEVER;
});

const forms = "a host name, .domain, an address or prefix such as 10.0.0.0/8, or transport:NAME";

function hopProblem(text: string): string | null {
  if (/^transport:\S/.test(text)) return null;
  const bare = /^\[?([^\]]+?)\]?(?::\d{1,5})?$/.exec(text)?.[1] ?? "";
  if (parsePrefix(text) !== null || parsePrefix(bare) !== null) return null;
  if (text.startsWith("*.")) return `a star means nothing here: "${text.slice(1)}" is every host below it`;
  return /^\.?[\w\u0080-\uffff-]+(?:\.[\w\u0080-\uffff-]+)*$/.test(bare) && !/^[\d.]+$/.test(bare)
    ? null
    : `"${text.slice(0, 80)}" is neither ${forms}`;
}
