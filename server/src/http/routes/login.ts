import { Router } from "express";
import type { RequestHandler } from "express";
import { problem, sendProblem } from "../problem.ts";
import { sessionCookie } from "./session.ts";
import type { SessionParts } from "./session.ts";

/** The one-time admin link: `/login?token=SECRET` -> a session, then the page. */
export function loginRouter(
  parts: Omit<SessionParts, "metrics"> & {
    readonly metrics: { signedIn(kind: "link"): void; signInRefused(why: "expired"): void };
    readonly limit: RequestHandler;
  },
): Router {
  const { access, audit, metrics, now, limit } = parts;
  const router = Router();
  router.get("/login", limit, async (request, response) => {
    const { token } = request.query;
    if (typeof token !== "string" || !(await access.link.consume(token))) {
      metrics.signInRefused("expired");
      const detail =
        "This link was used already or is older than 15 minutes. Restart Mailtide for a new one, or sign in with a token.";
      return sendProblem(response, problem(401, detail));
    }
    const session = await access.sessions.open({ kind: "link" });
    const connection = access.describe(request);
    const detail = `one-time link from ${connection.clientAddress}`;
    await audit({ atMs: now(), principal: session.principal.name, action: "sign-in", detail });
    metrics.signedIn("link");
    response.setHeader("Set-Cookie", sessionCookie(session, connection, parts));
    response.setHeader("Cache-Control", "no-store");
    response.redirect(303, "/");
  });
  return router;
}
