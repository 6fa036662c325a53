import type { Effect } from "../../core/alert/signal.ts";
import { cut } from "../../core/text/clean.ts";

/** PagerDuty Events API v2, `POST /v2/enqueue`: limits as documented. */
const maxSummary = 1024;
export const maxKey = 255;
export const maxBodyBytes = 512 * 1024;

export interface PagerDutyEvent {
  readonly routing_key: string;
  readonly event_action: Effect["action"];
  readonly dedup_key: string;
  readonly client?: string;
  readonly client_url?: string;
  readonly links?: readonly { readonly href: string; readonly text: string }[];
  readonly payload?: {
    readonly summary: string;
    readonly source: string;
    readonly severity: "critical" | "error" | "warning" | "info";
    readonly timestamp: string;
    readonly component?: string;
    readonly group: string;
    readonly class: string;
    readonly custom_details: Readonly<Record<string, unknown>>;
  };
}

const severities = { page: "critical", ticket: "warning", info: "info" } as const;

/** What PagerDuty is told about an effect. Acknowledge and resolve need the key only. */
export function eventOf(
  effect: Effect,
  dedupKey: string,
  routingKey: string,
  publicUrl: string | null,
): PagerDutyEvent {
  const head = { routing_key: routingKey, event_action: effect.action, dedup_key: dedupKey };
  if (effect.action !== "trigger") return head;
  const href =
    publicUrl === null ? null : `${publicUrl.replace(/\/+$/, "")}/incident/${encodeURIComponent(effect.incident)}`;
  const component = effect.details["subject"] ?? effect.details["node"];
  return {
    ...head,
    client: "Mailtide",
    ...(href === null ? {} : { client_url: href, links: [{ href, text: "Incident in Mailtide" }] }),
    payload: {
      summary:
        effect.summary.length > maxSummary ? cut(effect.summary, maxSummary) : effect.summary || "Mailtide alert",
      source: effect.source || "mailtide",
      severity: severities[effect.severity],
      timestamp: new Date(effect.atMs).toISOString(),
      ...(typeof component === "string" && component !== "" ? { component: cut255(component) } : {}),
      group: cut255(effect.source || "mailtide"),
      class: effect.cause,
      custom_details: effect.details,
    },
  };
}

/** JSON that fits: the longest details go first, and what went is named. */
export function bodyOf(event: PagerDutyEvent, limitBytes = maxBodyBytes): string {
  let text = JSON.stringify(event);
  if (Buffer.byteLength(text) <= limitBytes || event.payload === undefined) return text;
  const { payload } = event;
  const details = Object.entries(payload.custom_details).sort((a, b) => sizeOf(a[1]) - sizeOf(b[1]));
  while (details.length > 0 && Buffer.byteLength(text) > limitBytes) {
    details.pop();
    text = JSON.stringify({
      ...event,
      payload: { ...payload, custom_details: { ...Object.fromEntries(details), trimmed: true } },
    });
  }
  return text;
}

const sizeOf = (value: unknown): number => JSON.stringify(value)?.length ?? 0;
const cut255 = (text: string): string => (text.length > 255 ? cut(text, 255) : text);
