import type { EpochMs, Millis } from "@mailtide/shared";
import type { PlayerOptions, PlayerState } from "./contract.ts";

interface Look {
  readonly nowMs: EpochMs;
  readonly realMs: Millis;
  readonly state: PlayerState;
}

const everyMs = 500;

/** Says how far the player is, about twice a real second and once at the end. */
export function createProgress(
  { onProgress, capture }: Pick<PlayerOptions, "onProgress" | "capture">,
  look: () => Look,
): (last: boolean) => void {
  const { fromMs, toMs } = capture.meta;
  const shareOf = (nowMs: EpochMs) =>
    fromMs === null || toMs === null || toMs <= fromMs ? null : Math.min(1, (nowMs - fromMs) / (toMs - fromMs));
  let before: Look | null = null;
  return (last) => {
    if (onProgress === undefined) return;
    const now = look();
    before ??= now;
    const elapsedMs = now.realMs - before.realMs;
    if (!last && elapsedMs < everyMs) return;
    const achievedSpeed = (now.nowMs - before.nowMs) / Math.max(1, elapsedMs);
    before = now;
    onProgress({ nowMs: now.nowMs, share: shareOf(now.nowMs), achievedSpeed, state: now.state });
  };
}
