import { nodeId, scopes } from "@mailtide/shared";
import type { EpochMs } from "@mailtide/shared";
import { z } from "zod";
import type { Access } from "../auth/access.ts";
import type { Token } from "../auth/tokens.ts";
import { instant } from "../instant.ts";
import type { AgentPort } from "../ports.ts";
import type { AuditEntry } from "../settings.ts";
import { ProblemError } from "../problem.ts";
import { noContent, withBody, withoutBody } from "../route.ts";
import type { Route } from "../route.ts";

export interface TokenParts {
  readonly access: Access;
  /** Knows for which nodes agents collect; without it none does. */
  readonly agents?: AgentPort | undefined;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly now: () => EpochMs;
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const newToken = z
  .object({
    name: z.string().regex(idPattern, "1 to 63 letters, digits, dots, dashes or underscores"),
    scopes: z.array(z.enum(scopes)).min(1),
    /** Whose agent has it: a node of the configuration that collects by `{ type: agent }`. */
    node: z.string().regex(idPattern, "not the id of a node").optional(),
  })
  .refine(({ node, scopes: may }) => node === undefined || may.includes("ingest"), {
    path: ["scopes"],
    message: 'an agent needs the scope "ingest"',
  });
const tokenDocument = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  node: z.string().optional(),
  origin: z.enum(["configured", "created"]),
  createdAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
});
const tokenList = z.object({ version: z.literal(1), tokens: z.array(tokenDocument) });
const createdToken = tokenDocument.extend({ secret: z.string() });

export function tokenRoutes({ access, agents, audit, now }: TokenParts): readonly Route[] {
  return [
    withoutBody({
      method: "get",
      path: "/api/v1/tokens",
      summary: "Lists the tokens, without their secrets",
      needs: "admin",
      answers: { 200: { description: "All tokens", schema: tokenList } },
      handle: () => ({ status: 200, json: { version: 1, tokens: access.tokens.list().map(documentOf) } }),
    }),
    withBody({
      method: "post",
      path: "/api/v1/tokens",
      summary: "Creates a token, also one for the agent of a node; its secret is in this answer and nowhere else",
      needs: "admin",
      body: newToken,
      answers: {
        201: { description: "Created", schema: createdToken },
        409: { description: "The name is taken, or there are too many" },
        422: { description: "No agent collects for the node" },
      },
      async handle({ body, principal }) {
        const node = body.node === undefined ? undefined : nodeId(body.node);
        if (node !== undefined && agents?.introduce(node).status !== 200)
          throw new ProblemError(422, `No node has the id "${node}" and collects by { type: agent }.`);
        const made = await access.tokens.create(body.name, [...new Set(body.scopes)], node);
        if (!made.ok) throw new ProblemError(409, made.error);
        const forNode = node === undefined ? "" : ` for ${node}`;
        const detail = `${made.token.name}: ${made.token.scopes.join(" ")}${forNode}`;
        await audit({ atMs: now(), principal: principal.name, action: "token-create", detail });
        return { status: 201, json: { ...documentOf(made.token), secret: made.secret } };
      },
    }),
    withoutBody({
      method: "delete",
      path: "/api/v1/tokens/:id",
      summary: "Revokes a token and everything signed in with it, at once",
      needs: "admin",
      answers: {
        204: { description: "Revoked" },
        404: { description: "No such token" },
        409: { description: "Configured" },
      },
      async handle({ params, principal }) {
        const id = params["id"] ?? "";
        const name = access.tokens.byId(id)?.name ?? "";
        const outcome = await access.revokeToken(id);
        if (outcome === "unknown") throw new ProblemError(404, "There is no token with this id.");
        if (outcome === "configured") {
          throw new ProblemError(409, "This token stands in the configuration: take it out there and restart.");
        }
        await audit({ atMs: now(), principal: principal.name, action: "token-revoke", detail: name });
        return noContent;
      },
    }),
  ];
}

const documentOf = ({
  id,
  name,
  scopes,
  node,
  origin,
  createdAtMs,
  lastUsedAtMs,
}: Token): z.infer<typeof tokenDocument> => ({
  id,
  name,
  scopes: [...scopes],
  ...(node === undefined ? {} : { node }),
  origin,
  createdAt: instant(createdAtMs),
  lastUsedAt: instant(lastUsedAtMs),
});
