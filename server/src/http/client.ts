import { join } from "node:path";
import express, { Router } from "express";
import { problem, sendProblem } from "./problem.ts";

/** Addresses of the app that the browser may load or reload; anything else is not found. */
const viewPaths = ["/", "/wall"] as const;

/** The built client. Hashed files never change; the page itself is asked for anew each time. */
export function clientRouter(folder: string): Router {
  const router = Router();
  const files = express.static(join(folder, "assets"), {
    immutable: true,
    maxAge: "365d",
    index: false,
    redirect: false,
  });
  router.use("/assets", files);
  router.get([...viewPaths], (_, response, next) => {
    response.sendFile("index.html", { root: folder, headers: { "Cache-Control": "no-cache" } }, (error) => {
      if (error === undefined || error === null) return;
      if (response.headersSent) return next(error);
      sendProblem(response, problem(503, "The pages are not built. Run: npm run build"));
    });
  });
  router.use(express.static(folder, { index: false, redirect: false, maxAge: "1h" }));
  return router;
}
