import type { PerSecond } from "@mailtide/shared";
import type { Agenda } from "../../agenda.ts";
import type { Correspondents } from "../correspondents.ts";
import type { Customers } from "../customers.ts";
import type { Outside } from "../outside.ts";
import type { Desks } from "../desk.ts";
import type { Draws } from "../seeds.ts";

/** What every campaign is made of. */
export interface CampaignParts {
  readonly agenda: Agenda;
  /** Innocent messages a second where the rhythm is 1. */
  readonly rate: PerSecond;
  readonly draws: Draws;
  readonly customers: Customers;
  readonly outside: Outside;
  readonly correspondents: Correspondents;
  readonly desks: Desks;
}
