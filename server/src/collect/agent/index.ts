import { collectorId, type NodeId } from "@mailtide/shared";
import { z } from "zod";
import { duration } from "../../config/duration.ts";
import { plainPath } from "../../core/text/plain-path.ts";
import type { Collector, CollectorContext, PushCollector } from "../collector.ts";
import type { NodePlugin } from "../plugin.ts";
import { AgentNode, type Taken } from "./node.ts";
import type { Header } from "./wire.ts";

export const agentType = "agent";
const mtas = ["postfix", "exim", "opensmtpd", "sendmail", "haraka", "kumomta", "rspamd"] as const;

const config = z
  .strictObject({
    /** The MTA whose log the agent reads. */
    mta: z.enum(mtas).default("postfix"),
    /** Configuration folders of the Postfix instances there; default: the one that is there by default. */
    instances: z.array(z.string().regex(plainPath, "not the path of a folder")).optional(),
    /** Silent for longer than this is stale. */
    limit: duration.default(15),
    /** Whether the screen's data age waits for this agent. */
    required: z.boolean().default(true),
  })
  .refine(({ mta, instances }) => mta === "postfix" || instances === undefined, {
    path: ["instances"],
    message: "is of Postfix: folders of configuration, one for each instance on that host",
  });

/** A node whose collectors run in a `mailtide agent` on the host itself. */
export const agent: NodePlugin<typeof agentType, typeof config> = {
  type: agentType,
  config,
  create: ({ limit, required }, { id }) => createAgentCollector(id, limit, required),
};

export interface AgentCollector extends PushCollector {
  readonly node: NodeId;
  /** `from`: the address that it comes from. null while it does not run. Throws BadFrame. */
  take(head: Header, lines: Iterable<string>, from: string): Promise<Taken | null>;
  /** Something came with this node's token and was refused; in words. */
  refused(problem: string): void;
  /** Something came with a token that was this node's once. */
  turnedAway(problem: string): void;
}

export function isAgentCollector(collector: Collector): collector is AgentCollector {
  return collector.kind === "push" && "take" in collector;
}

function createAgentCollector(node: NodeId, limitSeconds: number, required: boolean): AgentCollector {
  const options = { id: collectorId(`${node}/${agentType}`), node, required, limitSeconds };
  let known: AgentNode | null = null;
  let looking: NodeJS.Timeout | undefined;
  return {
    kind: "push",
    ...options,
    start(context: CollectorContext) {
      const agent = new AgentNode(options, context);
      known = agent;
      looking = setInterval(() => agent.look(), 1_000);
      return Promise.resolve();
    },
    stop() {
      clearInterval(looking);
      known = null;
      return Promise.resolve();
    },
    take: async (head, lines, from) => known?.take(head, lines, from) ?? null,
    refused: (problem) => known?.refused(problem),
    turnedAway: (problem) => known?.turnedAway(problem),
  };
}
