import { Router } from "express";
import type { Request } from "express";
import type { LiveState, Millis, Seconds } from "@mailtide/shared";
import { failureOf } from "../../core/freshness/silence.ts";
import { may } from "../../core/principal.ts";
import type { Access } from "../auth/access.ts";
import type { IndexHealth, TurnTrouble } from "../ports.ts";
import type { HttpMetrics } from "../settings.ts";
import { problem, sendProblem } from "../problem.ts";

export interface HealthParts {
  readonly access: Access;
  readonly metrics: Pick<HttpMetrics, "render" | "contentType">;
  readonly current: () => LiveState | null;
  /** Monotonic milliseconds since the last turn, or since the start before the first. */
  readonly sinceTurnMs: () => Millis;
  readonly turnLimitSeconds: Seconds;
  readonly turning?: (() => TurnTrouble) | undefined;
  readonly indexFigures?: (() => IndexHealth) | undefined;
}

/** What load balancers, supervisors and Prometheus ask. */
export function healthRouter(parts: HealthParts): Router {
  const { access, metrics, current, sinceTurnMs, turnLimitSeconds, turning, indexFigures } = parts;
  const router = Router();
  const isAlive = (): boolean => sinceTurnMs() <= turnLimitSeconds * 1000;
  const mayRead = (request: Request): boolean => {
    const identity = access.identify(request);
    return identity.ok && may(identity.principal, "read");
  };
  /** While nothing is wrong there is nothing to say. */
  const whyNot = (request: Request): object => {
    const trouble = turning?.();
    if (trouble === undefined || (isAlive() && !trouble.isFailing)) return {};
    const { why, detail } = trouble;
    return { why, ...(detail !== null && mayRead(request) ? { detail } : {}) };
  };

  /** That it answers shows that the event loop turns; that it is well shows that the pipeline does. */
  router.get("/healthz", (request, response) => {
    const alive = isAlive();
    const secondsSinceTurn = Math.round(sinceTurnMs() / 100) / 10;
    response.setHeader("Cache-Control", "no-store");
    const figures = { alive, secondsSinceTurn, limitSeconds: turnLimitSeconds };
    response.status(alive ? 200 : 503).json({ ...figures, ...whyNot(request) });
  });

  router.get("/readyz", (request, response) => {
    const state = current();
    const { failing, isTooMuch } = failureOf(state?.freshness ?? { collectors: [] });
    const ready = state !== null && !isTooMuch && isAlive();
    // Paths and host names of a problem are for those who may read; that there is one, for everybody.
    const toldAll = mayRead(request);
    const told = failing.map(({ id, problem }) => (toldAll ? { id, problem } : { id }));
    response.setHeader("Cache-Control", "no-store");
    const figures = indexFigures === undefined ? {} : { index: indexOf(indexFigures(), toldAll) };
    const said = { ready, starting: state === null, failing: told, ...whyNot(request), ...figures };
    response.status(ready ? 200 : 503).json(said);
  });

  /** Prometheus on this machine needs no token; any other needs one that may read. */
  router.get("/metrics", async (request, response) => {
    if (!access.describe(request).direct) {
      const identity = access.identify(request);
      if (!identity.ok) return sendProblem(response, problem(identity.why === "limited" ? 429 : 401));
      if (!may(identity.principal, "read")) return sendProblem(response, problem(403, 'This needs the scope "read".'));
    }
    response.setHeader("Cache-Control", "no-store");
    response.type(metrics.contentType).send(await metrics.render());
  });
  return router;
}

/** Mail flows without it: that it fails does not make a server unready. */
function indexOf(
  { hops, bytes, oldestMs, forgottenForRoom, lostFacts, problem }: IndexHealth,
  mayRead: boolean,
): object {
  const oldest = oldestMs === null ? null : new Date(oldestMs).toISOString();
  const ok = problem === null;
  return { ok, queueFiles: hops, bytes, oldest, forgottenForRoom, lostFacts, ...(ok || !mayRead ? {} : { problem }) };
}
