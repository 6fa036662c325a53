import { incidentId } from "@mailtide/shared";
import type { EpochMs, LiveState } from "@mailtide/shared";
import { z } from "zod";
import type { CommandOutcome, OperatorCommands } from "../../core/principal.ts";
import { incidentDocument, incidentList } from "../incident-document.ts";
import type { AuditEntry } from "../settings.ts";
import { ProblemError } from "../problem.ts";
import { noContent, withBody, withoutBody } from "../route.ts";
import type { Answer, Route } from "../route.ts";

export interface IncidentParts {
  readonly commands: OperatorCommands;
  readonly current: () => LiveState | null;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly now: () => EpochMs;
}

const silence = z.object({
  forSeconds: z
    .number()
    .min(60)
    .max(30 * 86_400),
  reason: z.string().trim().min(1).max(500),
});
const answers = {
  204: { description: "Done" },
  404: { description: "No such incident" },
  409: { description: "Its state forbids it" },
  503: { description: "Not now; try again" },
};

export function incidentRoutes({ commands, current, audit, now }: IncidentParts): readonly Route[] {
  return [
    withoutBody({
      method: "get",
      path: "/api/v1/incidents",
      summary: "Open incidents and those resolved in the last 24 hours, newest first",
      needs: "read",
      answers: { 200: { description: "Incidents", schema: incidentList }, 503: { description: "Still starting" } },
      handle() {
        const state = current();
        if (state === null) throw new ProblemError(503, "Mailtide is still starting.");
        const incidents = state.incidents.incidents.map((view) => incidentDocument(view, state.meta.site));
        return { status: 200, json: { version: 1, incidents } };
      },
    }),
    withoutBody({
      method: "post",
      path: "/api/v1/incidents/:id/acknowledge",
      summary: "Acknowledges an incident",
      needs: "ack",
      answers,
      async handle({ params, principal }) {
        const id = params["id"] ?? "";
        const answer = answerTo(await commands.acknowledge(incidentId(id), principal));
        await audit({ atMs: now(), principal: principal.name, action: "acknowledge", detail: id });
        return answer;
      },
    }),
    withBody({
      method: "post",
      path: "/api/v1/incidents/:id/silence",
      summary: "Stops notifications of an incident for a while; the screens go on telling the truth",
      needs: "ack",
      body: silence,
      answers,
      async handle({ params, body, principal }) {
        const id = params["id"] ?? "";
        const answer = answerTo(await commands.silence({ incident: incidentId(id), ...body }, principal));
        const detail = `${id} for ${body.forSeconds} s: ${body.reason}`;
        await audit({ atMs: now(), principal: principal.name, action: "silence", detail });
        return answer;
      },
    }),
  ];
}

const statusOf = { unknown: 404, conflict: 409, unavailable: 503 } as const;

function answerTo(outcome: CommandOutcome): Answer {
  if (outcome.ok) return noContent;
  throw new ProblemError(statusOf[outcome.kind], outcome.error);
}
