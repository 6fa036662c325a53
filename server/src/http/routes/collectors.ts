import { dependencyTypes, type LiveState } from "@mailtide/shared";
import { z } from "zod";
import { instant } from "../instant.ts";
import { ProblemError } from "../problem.ts";
import { type Route, withoutBody } from "../route.ts";

const collectorList = z.object({
  version: z.literal(1),
  collectors: z.array(
    z.object({
      id: z.string(),
      node: z.string().nullable(),
      required: z.boolean(),
      state: z.enum(["ok", "stale", "failing", "starting"]),
      lastDataAt: z.iso.datetime().nullable(),
      limitSeconds: z.number(),
      problem: z.string().nullable(),
      says: z.string().optional(),
      dependency: z.enum(dependencyTypes).optional(),
    }),
  ),
});

/** How each collector fares, in the words of the screens. */
export function collectorRoutes({ current }: { readonly current: () => LiveState | null }): readonly Route[] {
  return [
    withoutBody({
      method: "get",
      path: "/api/v1/collectors",
      summary: "What collects, how old its data is, what ails it, and which way to a queue it took and why",
      needs: "read",
      answers: { 200: { description: "Collectors", schema: collectorList }, 503: { description: "Still starting" } },
      handle() {
        const state = current();
        if (state === null) throw new ProblemError(503, "Mailtide is still starting.");
        const types = new Map(state.dependencies.dependencies.map(({ id, type }) => [String(id), type]));
        const collectors = state.freshness.collectors.map(
          ({ id, node, required, lastDataMs, limitSeconds, ...rest }) => {
            const { state: fares, problem, says } = rest;
            const type = types.get(id.replace("dependency ", ""));
            const how = {
              ...(says === undefined ? {} : { says }),
              ...(type === undefined ? {} : { dependency: type }),
            };
            return { id, node, required, state: fares, lastDataAt: instant(lastDataMs), limitSeconds, problem, ...how };
          },
        );
        return { status: 200, json: { version: 1, collectors } };
      },
    }),
  ];
}
