import type { Severity } from "@mailtide/shared";
import type { Effect } from "../core/alert/signal.ts";
import { pagerduty } from "./pagerduty/index.ts";

/** Every kind of notifier: a new one is a folder and a line here. */
export const notifierKinds = [pagerduty] as const;

/** `severities` of the configuration as channels; what is only information is never sent. */
export const channelsOf = (severities: readonly Severity[]): readonly Effect["channel"][] =>
  (["page", "ticket"] as const).filter((channel) => severities.includes(channel));
