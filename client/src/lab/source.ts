import type { LiveSource } from "../live/context.ts";
import { readClock } from "../live/freshness.ts";
import type { LiveView, Received } from "../live/model.ts";
import type { LabFrame } from "./frame.ts";

/** A source that stands still at one recorded moment. */
export function labSource(frame: LabFrame): LiveSource {
  const received: Received | null =
    frame.state === null
      ? null
      : { state: frame.state, cursor: { serverEpoch: "lab", seq: 1 }, scopes: frame.scopes, frameAtMs: 0, metaAtMs: 0 };
  const view: LiveView = {
    link: frame.link,
    received,
    clock: readClock(frame.link, received, frame.silentSeconds * 1000),
  };
  return {
    store: { get: () => view, subscribe: () => () => undefined },
    actions: { acknowledge: agreed, silence: agreed, transport: agreed, signIn: agreed, host: hostOf(frame) },
  };
}

/** A recording keeps none, and neither do most frames. */
const hostOf =
  ({ hosts }: LabFrame): LiveSource["actions"]["host"] =>
  (node) => {
    const host = hosts?.get(node);
    const answer = host === undefined ? { ok: false as const, error: noHost } : { ok: true as const, host };
    return Promise.resolve(answer);
  };

const noHost = "A recording keeps no more of a single host.";
const agreed = () => Promise.resolve({ ok: true } as const);
