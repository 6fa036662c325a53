import type { EpochMs } from "@mailtide/shared";
import type { RecordingSource } from "../ports.ts";
import { ProblemError } from "../problem.ts";
import { type Route, withoutBody } from "../route.ts";
import type { AuditEntry } from "../settings.ts";

export interface RecordingParts {
  readonly recording?: RecordingSource | undefined;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly now: () => EpochMs;
}

/** What `mailtide capture` asks for. It is not pseudonymised yet: the key is made, and forgotten, where the capture is. */
export function recordingRoutes({ recording, audit, now }: RecordingParts): readonly Route[] {
  return [
    withoutBody({
      method: "get",
      path: "/api/v1/recording",
      summary: "The last hours as they were taken, with personal data, for mailtide capture; ?from=INSTANT",
      needs: "admin",
      limit: "write",
      answers: { 200: { description: "gzip of lines" }, 404: { description: "Nothing is kept" } },
      async handle({ principal, request }) {
        const from = request.query["from"];
        const fromMs = typeof from === "string" ? Date.parse(from) : Number.NaN;
        if (Number.isNaN(fromMs))
          throw new ProblemError(400, "from must be an instant such as 2026-11-24T01:00:00.000Z.");
        await audit({
          atMs: now(),
          principal: principal.name,
          action: "recording",
          detail: `from ${new Date(fromMs).toISOString()}`,
        });
        const found = await recording?.(fromMs);
        if (found === undefined || found === null)
          throw new ProblemError(404, "This server keeps no recording (capture.keep in its configuration is 0s).");
        const headers = { "Content-Type": "application/gzip", "X-Recording-Bytes": String(found.bytes) };
        return { status: 200, headers, stream: found.chunks };
      },
    }),
  ];
}
