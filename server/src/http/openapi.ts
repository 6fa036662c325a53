import { z } from "zod";
import type { Route } from "./route.ts";

/** What the document tells of a route. */
export type RouteDoc = Pick<Route, "method" | "path" | "summary" | "needs" | "headers" | "body" | "answers">;

/** OpenAPI 3.1 made from the very routes that are served (https://spec.openapis.org/oas/v3.1.0). */
export function openApiDocument(routes: readonly RouteDoc[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Mailtide", version, description: "Instants are UTC, durations seconds, sizes bytes." },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Problem: problemSchema },
    },
    paths,
  };
}

const problemSchema = {
  type: "object",
  description: "RFC 9457",
  required: ["type", "title", "status"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    errors: {
      type: "array",
      items: { type: "object", properties: { at: { type: "string" }, message: { type: "string" } } },
    },
  },
};

function operation(route: RouteDoc): object {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inHeader = Object.entries(route.headers ?? {}).map(([name, description]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
  }));
  return {
    summary: route.summary,
    description: needsInWords(route.needs),
    security: route.needs === "anybody" ? [] : [{ token: [] }],
    ...(inPath.length + inHeader.length === 0 ? {} : { parameters: [...inPath, ...inHeader] }),
    ...(route.body === null ? {} : { requestBody: { required: true, content: json(route.body, "input") } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, { description, schema }]) => [
          status,
          { description, ...(schema === undefined ? {} : { content: json(schema, "output") }) },
        ]),
      ),
      default: {
        description: "A problem",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function needsInWords(needs: Route["needs"]): string {
  if (needs === "anybody") return "Needs no credential.";
  return needs === "principal" ? "Needs a token or a session." : `Needs the scope \`${needs}\`.`;
}

function json(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return { "application/json": { schema: plain } };
}
