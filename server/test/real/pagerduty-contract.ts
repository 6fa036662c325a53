import type { IncomingMessage } from "node:http";

/** An event as it came; nothing in it is believed before it was checked. */
export interface PagerDutyRequest {
  readonly routing_key?: string;
  readonly event_action?: string;
  readonly dedup_key?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly images?: unknown;
  readonly links?: unknown;
  readonly client?: unknown;
  readonly client_url?: unknown;
}
export interface Problem {
  readonly status: number;
  readonly errors: readonly string[];
}

const maxBodyBytes = 512 * 1024;
const severities = ["critical", "error", "warning", "info"];
/** ISO 8601 as the documentation shows it, with a zone. */
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Checks a request against the documented contract of Events API v2. `routingKeys` limits which services exist. */
export function problemsOf(
  request: Pick<IncomingMessage, "method" | "url" | "headers">,
  body: Buffer,
  routingKeys: readonly string[] | undefined,
): { readonly event: PagerDutyRequest | null; readonly problem: Problem | null } {
  if (request.url !== "/v2/enqueue") return refuse(404, "no such path");
  if (request.method !== "POST") return refuse(405, "only POST");
  if (!/^application\/json(?:\s*;|$)/i.test(request.headers["content-type"] ?? ""))
    return refuse(400, "Content-Type must be application/json");
  if (body.length > maxBodyBytes) return refuse(413, "the event is larger than 512 kB");
  const event = parse(body);
  if (event === null) return refuse(400, "the body is not a JSON object");
  const errors = [...headErrors(event, routingKeys), ...(event.event_action === "trigger" ? triggerErrors(event) : [])];
  return { event, problem: errors.length === 0 ? null : { status: 400, errors } };
}

const refuse = (status: number, ...errors: readonly string[]) => ({ event: null, problem: { status, errors } });

function headErrors(event: PagerDutyRequest, routingKeys: readonly string[] | undefined): string[] {
  const { routing_key: routingKey, event_action: action, dedup_key: key } = event;
  const errors: string[] = [];
  if (typeof routingKey !== "string" || !/^[0-9A-Za-z]{32}$/.test(routingKey))
    errors.push("'routing_key' must be 32 characters");
  else if (routingKeys !== undefined && !routingKeys.includes(routingKey)) errors.push("'routing_key' is not known");
  if (action !== "trigger" && action !== "acknowledge" && action !== "resolve")
    errors.push("'event_action' must be trigger, acknowledge or resolve");
  if (key !== undefined && (typeof key !== "string" || key === "" || key.length > 255))
    errors.push("'dedup_key' must be 1 to 255 characters");
  if (key === undefined && action !== "trigger") errors.push("'dedup_key' is required to acknowledge or resolve");
  return errors;
}

function triggerErrors({ payload, links, images, client_url: clientUrl }: PagerDutyRequest): string[] {
  if (!isRecord(payload)) return ["'payload' is required to trigger"];
  const errors: string[] = [];
  const { summary, source, severity, timestamp: at, custom_details: details } = payload;
  if (!isFilled(summary)) errors.push("'payload.summary' is required");
  else if (summary.length > 1024) errors.push("'payload.summary' is longer than 1024 characters");
  if (!isFilled(source)) errors.push("'payload.source' is required");
  if (typeof severity !== "string" || !severities.includes(severity))
    errors.push(`'payload.severity' must be one of ${severities.join(", ")}`);
  if (at !== undefined && (typeof at !== "string" || !timestamp.test(at) || Number.isNaN(Date.parse(at))))
    errors.push("'payload.timestamp' must be ISO 8601");
  for (const name of ["component", "group", "class"])
    if (payload[name] !== undefined && typeof payload[name] !== "string")
      errors.push(`'payload.${name}' must be a string`);
  if (details !== undefined && !isRecord(details)) errors.push("'payload.custom_details' must be an object");
  if (!listOf(links, (link) => isUrl(link["href"]) && (link["text"] === undefined || typeof link["text"] === "string")))
    errors.push("'links' must be a list of {href, text}");
  if (!listOf(images, (image) => isUrl(image["src"], "https:")))
    errors.push("'images' must be a list of {src} over https");
  if (clientUrl !== undefined && !isUrl(clientUrl)) errors.push("'client_url' must be a URL");
  return errors;
}

function parse(body: Buffer): PagerDutyRequest | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isFilled = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

function listOf(value: unknown, fits: (entry: Record<string, unknown>) => boolean): boolean {
  return (
    value === undefined || (Array.isArray(value) && value.every((entry: unknown) => isRecord(entry) && fits(entry)))
  );
}
function isUrl(value: unknown, protocol?: string): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const parsed = new URL(value).protocol;
  return protocol === undefined ? parsed === "https:" || parsed === "http:" : parsed === protocol;
}
