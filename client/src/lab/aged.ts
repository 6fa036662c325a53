import { collectorId } from "@mailtide/shared";
import type { CollectorFreshness, LiveState, SnapshotMessage } from "@mailtide/shared";
import { calmState } from "./frames/calm.ts";

/** A required collector whose newest data is `ageSeconds` old at the time of the frame. */
export function collectorAged(ageSeconds: number | null, rest: Partial<CollectorFreshness> = {}): CollectorFreshness {
  const lastDataMs = ageSeconds === null ? null : calmState.meta.nowMs - ageSeconds * 1000;
  return {
    id: collectorId("mx1/log"),
    node: null,
    required: true,
    lastDataMs,
    limitSeconds: 15,
    state: "ok",
    problem: null,
    ...rest,
  };
}

export function stateWith(collectors: readonly CollectorFreshness[], speed = 1): LiveState {
  const slowest =
    collectors.filter(({ required }) => required).toSorted((a, b) => (a.lastDataMs ?? 0) - (b.lastDataMs ?? 0))[0] ??
    null;
  return {
    ...calmState,
    meta: { ...calmState.meta, speed },
    freshness: { ...calmState.freshness, slowest, collectors },
  };
}

export function snapshotOf(state: LiveState, seq = 1, serverEpoch = "one"): SnapshotMessage {
  return { cursor: { serverEpoch, seq }, sentAtMs: 0, state, scopes: ["read"] };
}
