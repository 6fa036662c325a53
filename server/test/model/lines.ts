import { type EpochMs, type NodeId, nodeId, siteId } from "@mailtide/shared";
import type { MailEvent } from "../../src/core/event.ts";
import type { Backoff } from "../../src/core/backoff.ts";
import type { DelayEvaluation, DelayModelConfig } from "../../src/core/model/delay-api.ts";
import { DelayModel } from "../../src/core/model/delay-model.ts";
import type { Observation, QueueEntry } from "../../src/core/observation.ts";

/** A whole five minutes, so that a cohort begins at 0. */
export const epochMs: EpochMs = 1_700_000_100_000;
export const mx = nodeId("mx");
export const ownHop = { relay: "store", relayIp: "10.0.0.1", relayPort: 24 } as const;
export const foreignHop = { relay: "mx.far.test", relayIp: "198.51.100.9", relayPort: 25 } as const;
export const refused = (ip: string): string => `connect to x[${ip}]:25: Connection refused`;

/** minimal 300, maximal 4000, queue run 300: Postfix's own. Target 5 min. */
export function config(
  changes: { nodes?: readonly NodeId[]; backoff?: Backoff; targetSeconds?: number; maxUnits?: number } = {},
): DelayModelConfig {
  const backoff = changes.backoff ?? { minimalSeconds: 300, maximalSeconds: 4000, queueRunDelaySeconds: 300 };
  const { maxUnits, targetSeconds = 300 } = changes;
  return {
    site: { id: siteId("main"), targetSeconds, ...(maxUnits === undefined ? {} : { maxUnits }) },
    nodes: (changes.nodes ?? [mx]).map((id) => ({ id, ownDomains: ["own.test"], backoff })),
  };
}

/** Speaks to a model in seconds after the epoch of the tests. */
export class Desk {
  readonly model: DelayModel;
  readonly node: NodeId;
  readonly epochMs: EpochMs;

  constructor(model: DelayModel = new DelayModel(config()), node: NodeId = mx, startMs: EpochMs = epochMs) {
    this.model = model;
    this.node = node;
    this.epochMs = startMs;
  }

  say(second: number, event: MailEvent): void {
    this.model.apply({ kind: "log", node: this.node, atMs: this.epochMs + second * 1_000, event });
  }

  /** From a stranger unless said otherwise. */
  arrive(second: number, queueId: string, { nrcpt = 1, from = "a@far.test", clientIp = "192.0.2.7" } = {}): void {
    this.say(second, { event: "client", process: "postfix/smtpd", queueId, clientIp });
    this.say(second, { event: "queued", process: "postfix/cleanup", queueId, messageId: `${queueId}@far.test` });
    this.activate(second, queueId, nrcpt, from);
  }

  activate(second: number, queueId: string, nrcpt = 1, from = "a@far.test"): void {
    this.say(second, { event: "message", process: "postfix/qmgr", queueId, from, size: 1_000, nrcpt });
  }

  deliver(second: number, queueId: string, event: Partial<MailEvent> = {}): void {
    const line = {
      event: "delivery",
      process: "postfix/smtp",
      queueId,
      to: "b@own.test",
      status: "sent",
      dsn: "2.0.0",
    } as const;
    this.say(second, { ...line, ...ownHop, reason: "250 ok", ...event });
  }

  remove(second: number, queueId: string): void {
    this.say(second, { event: "removed", process: "postfix/qmgr", queueId });
  }

  send(second: number, queueId: string, event: Partial<MailEvent> = {}): void {
    this.deliver(second, queueId, event);
    this.remove(second, queueId);
  }

  deferRemote(second: number, queueId: string, event: Partial<MailEvent> = {}): void {
    this.deliver(second, queueId, {
      ...foreignHop,
      status: "deferred",
      dsn: "4.4.1",
      reason: refused("198.51.100.9"),
      ...event,
    });
  }

  deferOwn(second: number, queueId: string, event: Partial<MailEvent> = {}): void {
    this.deliver(second, queueId, { status: "deferred", dsn: "4.4.1", reason: refused("10.0.0.1"), ...event });
  }

  list(second: number, unknown: readonly QueueEntry[], vanished: readonly string[] = [], instance?: string): void {
    const atMs = this.epochMs + second * 1_000;
    const none = { count: 0, oldestAgeSeconds: null, oldestOwnWaitSeconds: null };
    const waiting = { own: none, remote: none, recipient: none, policy: none, held: none, unknown: none };
    const snapshot = {
      mta: "postfix",
      atMs,
      queues: {},
      waiting,
      reasons: [],
      topDomains: [],
      topSenders: [],
      recipients: 0,
    };
    this.model.apply({
      kind: "queue",
      node: this.node,
      atMs,
      endMs: atMs,
      snapshot,
      ...(instance === undefined ? {} : { instance }),
      unknown,
      unknownDropped: 0,
      vanished,
    } satisfies Observation);
  }

  at(second: number): DelayEvaluation {
    return this.model.evaluate(this.epochMs + second * 1_000);
  }
}

export const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);
