import type { EpochMs, HostView, QueueSection, Seconds } from "@mailtide/shared";

/** So long without a departure is worth a word where mail waits. */
const stillFromMs = 60_000;

export interface PickedHosts {
  readonly shown: readonly HostView[];
  readonly hidden: number;
}

/** Those with mail in their queues, in the server's order: where most waits on us first. */
export function pickHosts({ shown, hidden }: NonNullable<QueueSection["hosts"]>, most: number): PickedHosts {
  const withMail = shown.filter(({ queued }) => queued > 0);
  const picked = withMail.slice(0, most);
  return { shown: picked, hidden: withMail.length - picked.length + hidden };
}

/** For how long nothing has left a host at which mail waits on us; null where that is no news. */
export function stillSeconds({ ownQueued, lastDepartureMs }: HostView, nowMs: EpochMs): Seconds | null {
  if (ownQueued === 0 || lastDepartureMs === null || nowMs - lastDepartureMs < stillFromMs) return null;
  return (nowMs - lastDepartureMs) / 1000;
}
