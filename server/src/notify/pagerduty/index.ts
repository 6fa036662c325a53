import { z } from "zod";
import { secret } from "../../config/secret.ts";
import type { NotifierKind } from "../kind.ts";
import { pagerDutyNotifier } from "./notifier.ts";

const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The routing key travels with every event, so that it leaves this host only encrypted. */
const url = z.string().transform((text, context) => {
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (parsed?.protocol === "https:" || (parsed?.protocol === "http:" && loopback.has(parsed.hostname))) return text;
  context.addIssue({ code: "custom", message: `"${text}" must be an https address (http only on this host)` });
  return z.NEVER;
});

const config = z
  .strictObject({
    routingKey: secret,
    /** Events API v2; another address is for a relay of your own. */
    url: url.default("https://events.pagerduty.com/v2/enqueue"),
  })
  // PagerDuty itself would say so at the first page.
  .refine(({ routingKey, url }) => !isPagerDuty(url) || /^[0-9A-Za-z]{32}$/.test(routingKey.reveal()), {
    path: ["routingKey"],
    error: "is no integration key of PagerDuty's: these have 32 letters and digits",
  });

const isPagerDuty = (url: string): boolean => /(^|\.)pagerduty\.com$/i.test(new URL(url).hostname);

export const pagerduty = {
  type: "pagerduty",
  config,
  create: (options, context) => pagerDutyNotifier({ ...options, ...context }),
} as const satisfies NotifierKind<"pagerduty", typeof config>;
