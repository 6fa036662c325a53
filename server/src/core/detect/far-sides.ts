import type { Cause, DelaySection, EpochMs, NodeId } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { action, signal } from "./build.ts";
import { defineRule } from "./rule.ts";

const id = "far-sides";
const defaults = {
  /** The breadth rule of the delay model has looked at five minutes already. */
  forSeconds: 0,
};
type Breadth = NonNullable<DelaySection["breadth"]>;

/** Far sides that have nothing to do with each other do not answer at once: our network, our resolver, our addresses. */
export const farSides = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate({ sections }, memory, options) {
    const { breadth } = sections.delay;
    if (breadth === null) return { memory, signals: [] };
    // A certificate is the platform's: hosts that come and go would be a ticket each.
    const isOfAll = breadth.nodes.length === 0 || breadth.reason === "tls";
    const nodes: readonly (NodeId | null)[] = isOfAll ? [null] : breadth.nodes;
    return { memory, signals: nodes.map((node) => of(breadth, node, options.forSeconds)) };
  },
  sample: (atMs) => [of(sampleOf(atMs), null, 0)],
});

function of(breadth: Breadth, node: NodeId | null, forSeconds: number): Signal {
  const { hit, tried, sinceMs, reason } = breadth;
  const { cause, severity, title, operators, next } =
    reason === "tls" ? noTls : reason === "dns" ? noLookups : noConnections;
  return signal(id, node, { level: "bad", cause, severity, node, forSeconds, startedAtMs: sinceMs }, () => ({
    title: sentence(title),
    evidence: [
      sentence(operators, { hit, tried, share: tried === 0 ? 0 : hit / tried }),
      sentence("delivery.ours-since", { sinceMs }),
    ],
    actions: [action(sentence(next))],
  }));
}

interface Said {
  readonly cause: Cause;
  readonly severity: "page" | "ticket";
  readonly title: "delivery.no-connections" | "delivery.no-look-ups" | "delivery.no-tls";
  readonly operators: "delivery.operators-hit" | "delivery.operators-without-tls";
  readonly next: "action.check-network" | "action.check-resolver" | "action.check-own-tls";
}
const noConnections: Said = {
  cause: "connect-timeouts",
  severity: "page",
  title: "delivery.no-connections",
  operators: "delivery.operators-hit",
  next: "action.check-network",
};
const noLookups: Said = {
  cause: "dns-failure",
  severity: "page",
  title: "delivery.no-look-ups",
  operators: "delivery.operators-hit",
  next: "action.check-resolver",
};
/** All else goes on: it is the late mail that pages. */
const noTls: Said = {
  cause: "certificate-expired",
  severity: "ticket",
  title: "delivery.no-tls",
  operators: "delivery.operators-without-tls",
  next: "action.check-own-tls",
};

const sampleOf = (atMs: EpochMs): Breadth => ({
  sinceMs: atMs - 120_000,
  hit: 31,
  tried: 44,
  reason: "connect-timeout",
  nodes: [],
});
