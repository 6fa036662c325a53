import type { Calendar } from "../scenario/calendar.ts";
import type { Scenario } from "../scenario/schema.ts";

/**
 * Rows of `observations.jsonl` for times in which nobody read a node's log. The log itself is whole: what was written in
 * the gap could only be read when it was over, at `until`. A row stands at the beginning of the gap.
 */
export function gapRows(scenario: Scenario, calendar: Calendar): readonly string[] {
  const rows: { readonly at: string; readonly row: string }[] = [];
  for (const event of scenario.events) {
    if (event.what !== "collector-gap") continue;
    const at = new Date(calendar.instant(event.at)).toISOString();
    const until = new Date(calendar.instant(event.until)).toISOString();
    for (const node of event.nodes ?? scenario.platform.nodes) {
      rows.push({ at, row: JSON.stringify({ kind: "gap", at, until, node }) });
    }
  }
  return rows.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ row }) => row);
}
