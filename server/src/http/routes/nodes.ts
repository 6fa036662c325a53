import {
  attributions,
  hostFlows,
  type HostDocument,
  type HostLate,
  type HostsDocument,
  type LiveState,
  type NodeId,
  stageNames,
} from "@mailtide/shared";
import { z } from "zod";
import { instant } from "../instant.ts";
import type { HostsPort } from "../ports.ts";
import { ProblemError } from "../problem.ts";
import { type Route, withoutBody } from "../route.ts";

export interface NodeParts {
  readonly current: () => LiveState | null;
  readonly hosts?: HostsPort | undefined;
}

const seconds = z.number().nullable();
const column = z.array(z.number().nullable());
const late = z.object({ count: z.number(), waitSeconds: z.number() }).nullable();
const waiting = z.object({ count: z.number(), oldestSeconds: seconds });
const document = z.object({
  version: z.literal(1),
  node: z.string(),
  at: z.iso.datetime(),
  queues: z.array(
    z.object({
      name: z.string(),
      count: z.number(),
      waiting: z.record(z.enum(attributions), z.number()),
      oldestSeconds: seconds,
    }),
  ),
  waiting: z.record(z.enum(attributions), waiting),
  listedAt: z.iso.datetime().nullable(),
  lastDepartureAt: z.iso.datetime().nullable(),
  late,
  stages: z.array(z.object({ name: z.enum(stageNames), medianSeconds: seconds, p95Seconds: seconds })),
  perSecond: z.record(z.enum(hostFlows), z.number()).nullable(),
  course: z.object({ stepSeconds: z.number(), accepted: column, sent: column, deferred: column }),
  dependencies: z.array(z.string()),
});

const list = z.object({
  version: z.literal(1),
  at: z.iso.datetime(),
  nodes: z.array(
    z.object({
      node: z.string(),
      queued: z.number(),
      ownQueued: z.number(),
      oldestOwnSeconds: seconds,
      lastDepartureAt: z.iso.datetime().nullable(),
      late,
    }),
  ),
});

/** All hosts, and one in full. */
export function nodeRoutes(parts: NodeParts): readonly Route[] {
  return [
    withoutBody({
      method: "get",
      path: "/api/v1/nodes",
      summary: "Every host: what waits there and when the last message left it; first where most waits on us",
      needs: "read",
      answers: { 200: { description: "The hosts", schema: list }, ...refusals },
      handle() {
        const { hosts, nowMs, lateAt } = standing(parts);
        const nodes = hosts.all(nowMs).map(({ lastDepartureMs, ...host }) => ({
          ...host,
          lastDepartureAt: instant(lastDepartureMs),
          late: lateAt(host.node),
        }));
        const told: HostsDocument = { version: 1, at: instant(nowMs), nodes };
        return { status: 200, json: told };
      },
    }),
    withoutBody({
      method: "get",
      path: "/api/v1/nodes/:node",
      summary: "One host: what waits there, its flow and stages, and the dependencies that affect it",
      needs: "read",
      answers: {
        200: { description: "The host", schema: document },
        ...refusals,
      },
      handle({ params }) {
        const { hosts, nowMs, lateAt } = standing(parts);
        const node = params["node"] as NodeId;
        const facts = hosts.one(node, nowMs);
        if (facts === null) throw new ProblemError(404, "No host of that name is configured.");
        const { queues, waiting: waits, stages, perSecond, course, dependencies } = facts;
        const told: HostDocument = {
          version: 1,
          node,
          at: instant(nowMs),
          queues,
          waiting: waits,
          listedAt: instant(facts.listedAtMs),
          lastDepartureAt: instant(facts.lastDepartureMs),
          late: lateAt(node),
          stages,
          perSecond,
          course,
          dependencies,
        };
        return { status: 200, json: told };
      },
    }),
  ];
}

const refusals = {
  404: { description: "No such host, or none is kept: a recording has the site's numbers only" },
  503: { description: "Still starting" },
};

function standing({ current, hosts }: NodeParts) {
  const state = current();
  if (state === null) throw new ProblemError(503, "Mailtide is still starting.");
  if (hosts === undefined) throw new ProblemError(404, "A recording keeps no more of a single host.");
  const lateAt = (node: NodeId): HostLate | null => {
    const late = state.delay.lateHosts?.find((host) => host.node === node);
    return late === undefined ? null : { count: late.count, waitSeconds: late.waitSeconds };
  };
  return { hosts, nowMs: state.meta.nowMs, lateAt };
}
