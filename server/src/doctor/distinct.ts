import type { Finding } from "./finding.ts";
import { freeId } from "./free-id.ts";

const entryId = /^(- (?:\{ )?id: )([\w.-]+)/;

/**
 * Each look proposes as if it were the only one: of two hosts or instances both would be asked for under one id, and pasted
 * together no configuration would be valid. What is the same is said once, another thing has an id of its own.
 */
export function distinct(findings: readonly Finding[]): Finding[] {
  const proposed: { readonly id: string; readonly entry: string }[] = [];
  return findings.flatMap((finding) => {
    const [line = "", ...more] = finding.mend?.dependency === undefined ? [] : finding.mend.lines;
    const wanted = entryId.exec(line)?.[2];
    if (finding.mend === undefined || wanted === undefined) return [finding];
    const entry = [line, ...more].join("\n");
    if (proposed.some((each) => each.entry === entry)) return [];
    const id = freeId(proposed, wanted);
    proposed.push({ id, entry });
    const lines = [line.replace(entryId, (_, before: string) => `${before}${id}`), ...more];
    return [{ ...finding, mend: { ...finding.mend, lines } }];
  });
}
