import type { EpochMs, Share } from "@mailtide/shared";
import type { Calendar } from "../../scenario/calendar.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { eventsOf, progress, type Timed } from "../timeline.ts";
import { startBackscatter } from "./backscatter.ts";
import type { CampaignParts } from "./campaign-parts.ts";
import { startFlood } from "./flood.ts";
import { startListLoop } from "./list-loop.ts";
import { startRobots } from "./robots.ts";

/** Everything that is more than a day's usual mail, and the robots that belong to every day. */
export function startCampaigns(
  parts: CampaignParts,
  scenario: Scenario,
  events: readonly Timed[],
  calendar: Calendar,
): void {
  startRobots(parts, scenario, calendar.rhythm);
  const blocked = blockedShareOf(events);
  eventsOf(events, "flood").forEach((event, number) => startFlood(parts, event, number, blocked));
  eventsOf(events, "backscatter").forEach((event, number) => startBackscatter(parts, event, number));
  eventsOf(events, "list-loop").forEach((event, number) => startListLoop(parts, event, number));
}

/** Once blocked, an address stays so. */
function blockedShareOf(events: readonly Timed[]): (atMs: EpochMs) => Share {
  const efforts = eventsOf(events, "block-by-hand");
  return (atMs) => efforts.reduce((most, effort) => Math.max(most, effort.share * progress(effort, atMs)), 0);
}
