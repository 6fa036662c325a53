import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import express, { Router } from "express";
import type { NextFunction, Request, Response } from "express";
import { complaints } from "../config/complaints.ts";
import { may } from "../core/principal.ts";
import type { Principal } from "../core/principal.ts";
import type { Access } from "./auth/access.ts";
import { goneWords } from "./auth/retired.ts";
import type { ServerOptions } from "./ports.ts";
import { problem, ProblemError, sendProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { limitRate } from "./rate.ts";
import type { Answer, Route } from "./route.ts";

type RouterParts = Pick<ServerOptions, "metrics" | "logger" | "now"> & { readonly access: Access };

const bodyLimit = "64kb";
const nobody: Principal = { name: "nobody", kind: "anonymous-loopback", scopes: [], credential: "" };

/** Serves the routes as they are described: who may, from which page, how often, with what body. */
export function routerOf(routes: readonly Route[], parts: RouterParts): Router {
  const router = Router();
  const json = express.json({ limit: bodyLimit, strict: true });
  const limits = {
    "sign-in": limitRate("sign-in", parts.access.describe, parts.now),
    write: limitRate("write", parts.access.describe, parts.now),
    none: (_request: Request, _response: Response, next: NextFunction) => next(),
  };
  for (const route of routes) {
    router[route.method](
      route.path,
      (_request, response, next) => {
        const startedMs = performance.now();
        response.once("finish", () => {
          const seconds = (performance.now() - startedMs) / 1000;
          parts.metrics.requestAnswered(route.path, route.method, response.statusCode, seconds);
        });
        next();
      },
      limits[route.limit],
      // Before the body is read: a stranger's bytes are not worth parsing.
      (request, response, next) => {
        const asking = whoAsks(route, request, parts.access);
        if ("refused" in asking) return sendProblem(response, asking.refused);
        response.locals["principal"] = asking.principal;
        next();
      },
      json,
      async (request, response) => {
        const answer = await handle(route, request, response, parts);
        if ("title" in answer) sendProblem(response, answer);
        else if (answer.stream === undefined) send(response, answer);
        else await stream(response, answer, answer.stream);
      },
    );
  }
  return router;
}

type Asking = { readonly principal: Principal } | { readonly refused: Problem };

function whoAsks(route: Route, request: Request, access: Access): Asking {
  const origin = access.originOf(request);
  if (route.method !== "get" && origin === "foreign") {
    return { refused: problem(403, "This request comes from a page of another site.") };
  }
  const identity = access.identify(request);
  if (!identity.ok && identity.why === "limited") {
    return { refused: problem(429, "Too many wrong tokens from this address. Wait a minute.") };
  }
  if (route.needs === "anybody") return { principal: identity.ok ? identity.principal : nobody };
  if (!identity.ok) {
    const retired = identity.why === "wrong" ? identity.retired : null;
    const detail = retired === null ? "This needs a token or a session." : `This token ${goneWords(retired)}.`;
    return { refused: problem(401, detail) };
  }
  const { principal } = identity;
  // A cookie comes along by itself; only a token is proof that the caller meant it.
  if (route.method !== "get" && principal.kind !== "token" && origin !== "ours") {
    return { refused: problem(403, "A write without a token must come from one of Mailtide's own pages.") };
  }
  if (route.needs === "principal" || may(principal, route.needs)) return { principal };
  return { refused: problem(403, `This needs the scope "${route.needs}".`) };
}

async function handle(
  route: Route,
  request: Request,
  response: Response,
  { access, logger }: RouterParts,
): Promise<Answer | Problem> {
  let body: unknown = null;
  if (route.body !== null) {
    if (!request.is("application/json")) return problem(415, "The body must be application/json.");
    const parsed = route.body.safeParse(request.body);
    if (!parsed.success) {
      const found = complaints(parsed.error.issues, request.body, route.body);
      const errors = found.slice(0, 20).map(({ key, message }) => ({ at: key, message }));
      return problem(422, "The body is not as it must be.", errors);
    }
    body = parsed.data;
  }
  try {
    const params = request.params as Record<string, string>;
    const principal = response.locals["principal"] as Principal;
    return await route.handle({ body, params, principal, connection: access.describe(request), request });
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    logger.error("a request failed", { route: route.path, method: route.method, error });
    return problem(500, "Mailtide could not do this. Its log says why.");
  }
}

async function stream(response: Response, answer: Answer, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  response.status(answer.status).setHeader("Cache-Control", "no-store");
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  // A reader that went away, or a source that failed: either way the connection is closed.
  await pipeline(Readable.from(chunks), response).catch(() => response.destroy());
}

function send(response: Response, { status, json, headers }: Answer): void {
  response.status(status).setHeader("Cache-Control", "no-store");
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (json === undefined) response.end();
  else response.json(json);
}
