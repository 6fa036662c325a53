import type { LiveState, Millis } from "@mailtide/shared";
import express from "express";
import type { Express, NextFunction, Request, Response } from "express";
import type { Access } from "./auth/access.ts";
import { clientRouter } from "./client.ts";
import { securityHeaders } from "./headers.ts";
import { influxDocs, influxRouter } from "./influx.ts";
import { openApiDocument } from "./openapi.ts";
import type { ServerOptions } from "./ports.ts";
import { problem, sendProblem } from "./problem.ts";
import { limitRate } from "./rate.ts";
import { withoutBody } from "./route.ts";
import type { Route } from "./route.ts";
import { routerOf } from "./router.ts";
import { agentRoutes } from "./routes/agent.ts";
import { changeRoutes } from "./routes/changes.ts";
import { healthRouter } from "./routes/health.ts";
import { collectorRoutes } from "./routes/collectors.ts";
import { incidentRoutes } from "./routes/incidents.ts";
import { loginRouter } from "./routes/login.ts";
import { nodeRoutes } from "./routes/nodes.ts";
import { recordingRoutes } from "./routes/recording.ts";
import { sessionRoutes } from "./routes/session.ts";
import { tokenRoutes } from "./routes/tokens.ts";

export interface AppParts extends ServerOptions {
  readonly access: Access;
  readonly current: () => LiveState | null;
  readonly sinceTurnMs: () => Millis;
}

/** Everything that is served over HTTP, in the order in which it is tried. */
export function createApp(options: AppParts): Express {
  const { access, logger, settings, state, now } = options;
  const publicIsSecure = settings.publicUrl?.startsWith("https:") ?? false;
  const parts = { ...options, publicIsSecure, audit: state.audit.bind(state) };
  const routes: Route[] = [
    ...sessionRoutes(parts),
    ...tokenRoutes(parts),
    ...changeRoutes(parts),
    ...incidentRoutes(parts),
    ...collectorRoutes(parts),
    ...nodeRoutes(parts),
    ...recordingRoutes(parts),
    ...agentRoutes(parts),
  ];
  routes.push(openApiRoute(routes));

  const app = express();
  app.disable("x-powered-by");
  app.use(securityHeaders(access.describe, publicIsSecure));
  app.use(healthRouter({ ...parts, turnLimitSeconds: options.turnLimitSeconds ?? 15 }));
  app.use(influxRouter(parts));
  app.use(routerOf(routes, parts));
  app.use(loginRouter({ ...parts, limit: limitRate("sign-in", access.describe, now) }));
  if (options.clientFolder !== null) app.use(clientRouter(options.clientFolder));
  app.use((_request: Request, response: Response) => sendProblem(response, problem(404, "There is nothing here.")));
  // Express tells an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const status = statusOf(error);
    if (status === 500) logger.error("a request failed", { method: request.method, path: request.path, error });
    sendProblem(response, problem(status, status === 400 ? "The request is not well formed." : undefined));
  });
  return app;
}

function openApiRoute(routes: readonly Route[]): Route {
  return withoutBody({
    method: "get",
    path: "/api/v1/openapi.json",
    summary: "This document",
    needs: "anybody",
    answers: { 200: { description: "OpenAPI 3.1" } },
    handle: () => ({ status: 200, json: openApiDocument([...routes, ...influxDocs], "1") }),
  });
}

/** Body parsers and the router name a status for what the client did wrong; everything else is ours. */
function statusOf(error: unknown): number {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? status : 500;
}
