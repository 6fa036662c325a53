import type { EpochMs } from "@mailtide/shared";

/** `YYYY-MM-DDTHH:mm:ss.sssZ`, the form of every outside document; null stays null. */
export function instant(atMs: EpochMs): string;
export function instant(atMs: EpochMs | null): string | null;
export function instant(atMs: EpochMs | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
