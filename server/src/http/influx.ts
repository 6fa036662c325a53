import express, { Router } from "express";
import type { Request, Response } from "express";
import type { EpochMs } from "@mailtide/shared";
import { may } from "../core/principal.ts";
import type { Access } from "./auth/access.ts";
import { influxSecret } from "./auth/influx-secret.ts";
import type { RouteDoc } from "./openapi.ts";
import type { WritePort } from "./ports.ts";
import type { HttpMetrics } from "./settings.ts";
import { WriteRoom } from "./write-room.ts";

interface InfluxParts {
  readonly access: Access;
  readonly writes?: WritePort | undefined;
  readonly metrics: Pick<HttpMetrics, "requestAnswered">;
  readonly now: () => EpochMs;
}

/** A body, packed or not. */
const mostBytes = 8 << 20;
/** So many are read at once, and so many bytes wait; the others are told to come again. */
const mostAtOnce = 4;
const mostWaitingBytes = 2 * mostBytes;

/**
 * What those who write to InfluxDB 1.x and 2.x ask: `/write`, `/api/v2/write`, `/ping`, and `CREATE DATABASE` (docs.influxdata.com,
 * "InfluxDB API reference"). Errors have InfluxDB's form, because its clients read them so.
 */
export function influxRouter({ access, writes, metrics, now }: InfluxParts): Router {
  const router = Router();
  const room = new WriteRoom(mostAtOnce, mostWaitingBytes);
  const raw = express.raw({ type: () => true, limit: mostBytes });

  const write = (path: string, say: Say): void => {
    router.post(path, (request, response, next) => {
      const startedMs = performance.now();
      response.once("finish", () => {
        metrics.requestAnswered(path, "post", response.statusCode, (performance.now() - startedMs) / 1000);
      });
      const identity = identify(access, request);
      const refused = refusal(identity);
      if (refused !== null) return refuse(request, response, say, refused);
      const place = room.enter(identity.ok ? identity.principal.credential : "");
      if (place === null) return refuse(request, response, say, busy);
      response.once("close", () => place.leave());
      raw(request, response, (error?: unknown) => {
        if (error !== undefined) return refuse(request, response, say, unreadable(error));
        const body: unknown = request.body;
        if (!place.read(Buffer.isBuffer(body) ? body.length : 0)) return refuse(request, response, say, busy);
        take(request, response, say).catch(next);
      });
    });
  };

  async function take(request: Request, response: Response, say: Say): Promise<void> {
    const body: unknown = request.body;
    const lines = Buffer.isBuffer(body) ? body.toString("utf8") : "";
    if (say === sayV1 && wordOf(request, "db") === "") return say(response, 400, "database is required");
    if (writes === undefined) return say(response, 503, "this server takes no points");
    const identity = identify(access, request);
    const node = identity.ok ? identity.principal.node : undefined;
    const { kind, error } = await writes.write(node, lines, wordOf(request, "precision") || "ns", now());
    if (error === null) response.status(204).end();
    else say(response, kind === "unavailable" ? 503 : 400, error);
  }

  write("/write", sayV1);
  write("/api/v2/write", sayV2);
  router.all(
    "/ping",
    (_request, response) => void response.setHeader("X-Influxdb-Version", "1.8-mailtide").status(204).end(),
  );
  router.all("/query", express.urlencoded({ extended: false, limit: "16kb" }), (request, response) => {
    const refused = refusal(identify(access, request));
    if (refused !== null) return refuse(request, response, sayV1, refused);
    const form = request.body as { readonly q?: unknown } | undefined;
    const query = typeof form?.q === "string" ? form.q : wordOf(request, "q");
    // There are no databases here; whoever wants one may have it.
    if (/^\s*CREATE\s+DATABASE\s+\S/i.test(query)) response.json({ results: [{ statement_id: 0 }] });
    else sayV1(response, 400, "error parsing query: only CREATE DATABASE is understood here");
  });
  return router;
}

type Refusal = { readonly status: number; readonly error: string };
type Say = (response: Response, status: number, error: string) => void;

const busy: Refusal = { status: 503, error: "too many writes at once" };

const sayV1: Say = (response, status, error) => {
  response.status(status).setHeader("X-Influxdb-Error", printable(error)).json({ error });
};
const sayV2: Say = (response, status, error) => {
  response.status(status).json({ code: codes[status] ?? "internal error", message: error });
};
const codes: Readonly<Record<number, string>> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  413: "request too large",
  429: "too many requests",
  503: "unavailable",
};

function identify(access: Access, request: Request): ReturnType<Access["byToken"]> {
  const secret = influxSecret(request.headers.authorization, wordOf(request, "p"));
  return secret === null ? { ok: false, why: "none" } : access.byToken(secret, access.describe(request));
}

/** Only what the sender states counts, never what a browser brings along. */
function refusal(identity: ReturnType<typeof identify>): Refusal | null {
  if (!identity.ok && identity.why === "limited") return { status: 429, error: "too many wrong tokens" };
  if (!identity.ok) return { status: 401, error: "authorization failed" };
  return may(identity.principal, "ingest") ? null : { status: 403, error: 'this token lacks the scope "ingest"' };
}

function refuse(request: Request, response: Response, say: Say, { status, error }: Refusal): void {
  if (status === 401) response.setHeader("WWW-Authenticate", 'Basic realm="mailtide"');
  if (status === 503) response.setHeader("Retry-After", "1");
  // What is left of a body that nobody reads must not be taken for the next request.
  if (!request.complete) response.setHeader("Connection", "close");
  say(response, status, error);
}

function unreadable(error: unknown): Refusal {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : 400;
  if (status === 413) return { status: 413, error: "Request Entity Too Large" };
  return { status: 400, error: "the body could not be read: plain or gzip is" };
}

function wordOf(request: Request, name: string): string {
  const value = request.query[name];
  return typeof value === "string" ? value : "";
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 300);

const answers = {
  204: { description: "Everything was taken that a node is configured for, and is durable" },
  400: { description: "Not in line protocol; of a partial write the other points are taken" },
  401: { description: "No token, or a wrong one: as Token, Bearer or Basic (the password is the token), or `p`" },
  413: { description: "Larger than 8 MiB, packed or not" },
  503: { description: "Not now: send it again" },
};
/** For the API's document. */
export const influxDocs: readonly RouteDoc[] = [
  {
    path: "/write",
    summary: "Takes points in InfluxDB's line protocol, as of version 1.x; Telegraf's outputs.influxdb",
  },
  { path: "/api/v2/write", summary: "The same as of InfluxDB 2.x; Telegraf's outputs.influxdb_v2" },
].map((each) => ({ ...each, method: "post", needs: "ingest", body: null, answers }));
