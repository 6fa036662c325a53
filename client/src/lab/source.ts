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
    actions: {
      acknowledge: agreed,
      silence: agreed,
      transport: agreed,
      signIn: agreed,
      hosts: hostsOf(frame),
      host: hostOf(frame),
    },
  };
}

/** A recording keeps none, and neither do most frames. */
const hostOf =
  ({ hosts }: LabFrame): LiveSource["actions"]["host"] =>
  (node) => {
    const told = hosts?.get(node);
    return Promise.resolve(told === undefined ? { ok: false, error: noHost } : { ok: true, told });
  };

/** Those of the frame itself. */
const hostsOf =
  ({ hosts, state }: LabFrame): LiveSource["actions"]["hosts"] =>
  () => {
    if (hosts === undefined || state === null) return Promise.resolve({ ok: false, error: noHost });
    const nodes = (state.queues.hosts?.shown ?? []).map(({ lastDepartureMs, ...host }) => ({
      ...host,
      lastDepartureAt: lastDepartureMs === null ? null : new Date(lastDepartureMs).toISOString(),
      late: state.delay.lateHosts?.find(({ node }) => node === host.node) ?? null,
    }));
    return Promise.resolve({ ok: true, told: { version: 1, at: new Date(state.meta.nowMs).toISOString(), nodes } });
  };

const noHost = "A recording keeps no more of a single host.";
const agreed = () => Promise.resolve({ ok: true } as const);
