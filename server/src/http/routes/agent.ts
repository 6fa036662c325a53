import { z } from "zod";
import type { AgentPort } from "../ports.ts";
import { ProblemError } from "../problem.ts";
import { type Route, withoutBody } from "../route.ts";

const whereItStands = z.object({
  taken: z.boolean(),
  received: z.int().nullable(),
  committed: z.int().nullable(),
});

const whoItIs = z.object({
  node: z.string(),
  protocol: z.object({ newest: z.int(), oldest: z.int() }),
  receivedAtMs: z.number(),
  answeredAtMs: z.number(),
});

/** Where `mailtide agent` delivers; docs/agents.md and docs/adr tell how the two speak. */
export function agentRoutes({ agents }: { readonly agents?: AgentPort | undefined }): readonly Route[] {
  return [
    withoutBody({
      method: "get",
      path: "/api/v1/agent",
      summary: "Tells an agent for which node its token is taken, and the server's clock; changes nothing",
      needs: "ingest",
      answers: {
        200: { description: "The node of the token and the versions that are spoken here", schema: whoItIs },
        403: { description: "The token is of no node that an agent collects for" },
        503: { description: "This server takes nothing from agents" },
      },
      handle({ principal }) {
        if (agents === undefined) throw new ProblemError(503, "This server takes nothing from agents.");
        const { status, ...said } = agents.introduce(principal.node);
        if ("detail" in said) throw new ProblemError(status, said.detail);
        return { status, json: said.json };
      },
    }),
    withoutBody({
      method: "post",
      path: "/api/v1/agent",
      summary: "Takes what a `mailtide agent` collected: gzip of a header line and record lines",
      needs: "ingest",
      // An agent asks several times a second, and many may come through one address.
      limit: "none",
      answers: {
        200: { description: "Taken as far as `received`; durable as far as `committed`", schema: whereItStands },
        409: { description: "Nothing was taken: go on behind `received`", schema: whereItStands },
        400: { description: "Not what an agent of a version that is spoken here sends" },
        403: { description: "The token is of no node, or of another one" },
        413: { description: "Larger than 8 MiB, packed or not" },
        429: { description: "Another request of this node is under way" },
        503: { description: "Starting or stopping" },
      },
      async handle({ principal, connection, request }) {
        if (agents === undefined) throw new ProblemError(503, "This server takes nothing from agents.");
        const { status, ...said } = await agents.knock(principal.node, connection.clientAddress, request);
        if ("detail" in said) {
          // What is left of a body that nobody reads must not be taken for the next request.
          if (!request.complete) request.res?.setHeader("Connection", "close");
          throw new ProblemError(status, said.detail);
        }
        return { status, json: said.json };
      },
    }),
  ];
}
