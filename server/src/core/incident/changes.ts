import type { EpochMs } from "@mailtide/shared";
import type { Change } from "../observation.ts";
import { type AttachedChange, type Incident, maxChanges } from "./incident.ts";

const hourMs = 3_600_000;
/** Onsets are estimates, and clocks of pipelines differ from ours. */
const slackMs = 30_000;

/** Attaches the changes that were made, went on or ended within the hour before the onset of one of the incident's alerts. */
export function attachChanges(incident: Incident, changes: readonly Change[]): Incident {
  const known = new Set(incident.changes.map((change) => change.id));
  const found = changes.filter(
    (change) =>
      !known.has(change.id) &&
      incident.alerts.some(
        ({ startedAtMs }) => lastMs(change) >= startedAtMs - hourMs && change.startAtMs <= startedAtMs + slackMs,
      ),
  );
  if (found.length === 0) return incident;
  const attached = [...incident.changes, ...found.map(attach)].sort((a, b) => a.startAtMs - b.startAtMs);
  // The nearest to the onset are the likeliest, so the oldest go first.
  return { ...incident, changes: attached.slice(-maxChanges) };
}

/** A move of four hours breaks things when it is over. */
const lastMs = ({ startAtMs, endAtMs }: Change): EpochMs => Math.max(startAtMs, endAtMs ?? startAtMs);

const attach = (change: Change): AttachedChange => ({
  id: change.id,
  title: change.title.slice(0, 200),
  startAtMs: change.startAtMs,
  link: safeLink(change.link),
});

/** Only what a browser may follow without running anything. */
const safeLink = (link: string | undefined): string | null =>
  link !== undefined && link.length <= 2048 && /^https?:\/\/[^\s"'<>]+$/i.test(link) ? link : null;
