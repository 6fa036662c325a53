import { createHash, randomBytes } from "node:crypto";
import type { EpochMs } from "@mailtide/shared";
import { z } from "zod";
import type { Change } from "../../core/observation.ts";
import type { AuditEntry, ChangeLog } from "../settings.ts";
import { ProblemError } from "../problem.ts";
import { withBody } from "../route.ts";
import type { Route } from "../route.ts";

export interface ChangeParts {
  readonly changes: ChangeLog;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly now: () => EpochMs;
}

const at = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const name = z.string().trim().min(1).max(200);

const newChange = z
  .object({
    title: name,
    startAt: at.optional(),
    endAt: at.optional(),
    service: name.optional(),
    host: name.optional(),
    source: name.optional(),
    author: name.optional(),
    link: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional(),
    productionAffecting: z.boolean().optional(),
  })
  .refine(({ startAt, endAt }) => startAt === undefined || endAt === undefined || endAt >= startAt, {
    path: ["endAt"],
    message: "the end is before the start",
  });
const changeEnd = z.object({ endAt: at });
const idDocument = z.object({ id: z.string() });

export function changeRoutes({ changes, audit, now }: ChangeParts): readonly Route[] {
  return [
    withBody({
      method: "post",
      path: "/api/v1/changes",
      summary: "Records a deploy or a configuration change",
      needs: "change",
      headers: { "Idempotency-Key": "The same key again records nothing and answers 200 with the same id" },
      body: newChange,
      answers: {
        201: { description: "Recorded", schema: idDocument },
        200: { description: "Known by its Idempotency-Key", schema: idDocument },
      },
      async handle({ body, principal, request }) {
        const id = changeId(principal.name, request.get("Idempotency-Key"));
        const { startAt = now(), endAt, ...rest } = body;
        const stated = Object.entries(rest).filter(([, value]) => value !== undefined);
        const change = {
          id,
          startAtMs: startAt,
          ...(endAt === undefined ? {} : { endAtMs: endAt }),
          ...Object.fromEntries(stated),
        } as Change;
        const outcome = await changes.record(change, principal);
        if (outcome === "known") return { status: 200, json: { id } };
        await audit({
          atMs: now(),
          principal: principal.name,
          action: "change-record",
          detail: `${id} ${change.title}`,
        });
        return { status: 201, json: { id }, headers: { Location: `/api/v1/changes/${id}` } };
      },
    }),
    withBody({
      method: "patch",
      path: "/api/v1/changes/:id",
      summary: "Says when a change ended",
      needs: "change",
      body: changeEnd,
      answers: {
        200: { description: "Ended", schema: idDocument },
        404: { description: "No such change" },
        422: { description: "The end is before the start" },
      },
      async handle({ body, params, principal }) {
        const id = params["id"] ?? "";
        const outcome = await changes.end(id, body.endAt, principal);
        if (outcome === "unknown") throw new ProblemError(404, "There is no change with this id.");
        if (outcome === "before-start") throw new ProblemError(422, "The end is before the start.");
        await audit({ atMs: now(), principal: principal.name, action: "change-end", detail: id });
        return { status: 200, json: { id } };
      },
    }),
  ];
}

/** Made from the caller and its key, so that a repetition is the same change even when the first answer got lost. */
function changeId(principal: string, key: string | undefined): string {
  if (key === undefined || key === "") return `chg_${randomBytes(12).toString("hex")}`;
  if (key.length > 255) throw new ProblemError(400, "An Idempotency-Key has at most 255 characters.");
  return `chg_${createHash("sha256")
    .update(JSON.stringify([principal, key]))
    .digest("hex")
    .slice(0, 24)}`;
}
