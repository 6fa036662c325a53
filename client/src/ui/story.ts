import type { AlertView, EpochMs, IncidentView } from "@mailtide/shared";

/** One thing that happened, in the order in which things began. */
export type Chapter =
  | { readonly kind: "alert"; readonly atMs: EpochMs; readonly alert: AlertView }
  | { readonly kind: "change"; readonly atMs: EpochMs; readonly change: IncidentView["changes"][number] };

export interface Story {
  readonly chapters: readonly Chapter[];
  /** Chapters left out for want of room. */
  readonly omitted: number;
}

/**
 * What came first, what followed and what is left. Where there is room for fewer, the first one stays, because it is
 * the likely cause, and of the rest those that still hold, newest last.
 */
export function storyOf(incident: IncidentView, most: number): Story {
  const chapters: readonly Chapter[] = [
    ...incident.alerts
      .filter(({ state }) => state !== "pending")
      .map((alert) => ({ kind: "alert" as const, atMs: alert.startedAtMs, alert })),
    ...incident.changes.map((change) => ({ kind: "change" as const, atMs: change.startAtMs, change })),
  ].toSorted((a, b) => a.atMs - b.atMs);
  if (chapters.length <= most) return { chapters, omitted: 0 };
  const [first, ...rest] = chapters;
  const kept = new Set(rest.toSorted((a, b) => weight(b) - weight(a) || b.atMs - a.atMs).slice(0, most - 1));
  return {
    chapters: chapters.filter((chapter) => chapter === first || kept.has(chapter)),
    omitted: chapters.length - most,
  };
}

function weight(chapter: Chapter): number {
  if (chapter.kind === "change") return 1;
  if (chapter.alert.state === "resolved") return 0;
  return chapter.alert.severity === "page" ? 3 : 2;
}
