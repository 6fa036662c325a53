import type { EpochMs, InboundSection, SiteId } from "@mailtide/shared";
import type { Point } from "../measurement.ts";
import type { Heavy } from "./heavy.ts";

export function sourcePoints(site: SiteId, atMs: EpochMs, section: InboundSection): Point {
  const fields: Record<string, number> = {
    distinct: section.distinctSources,
    fresh: section.newSources,
    spoofing: section.spoofingSources,
  };
  if (section.spoofShare !== null) fields["spoof_share"] = section.spoofShare;
  return { measurement: "mail_sources", tags: { site }, atMs, fields };
}

/**
 * The heaviest of one minute, ranks 1 to 20, stamped with the minute's last second. Only sources that made at least one
 * in a hundred of that minute are stored: under a flood of thousands of equal sources nobody is heavy, and storing a
 * random twenty each minute would only fill the store with series.
 */
export function topSourcePoints(
  site: SiteId,
  { minute, top, total }: { readonly minute: number; readonly top: readonly Heavy[]; readonly total: number },
): Point[] {
  return top
    .filter(({ messages, connections, rejects }) => (messages + connections + rejects) * 100 >= total)
    .slice(0, 20)
    .map(({ key, messages, connections, rejects }, at) => ({
      measurement: "mail_top_source",
      tags: { site, rank: String(at + 1), ip: key },
      atMs: minute * 60_000 + 59_000,
      fields: { messages, connections, rejects },
    }));
}
