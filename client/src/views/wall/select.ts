import type { DelayNumbers, Direction, IncidentSection, IncidentView } from "@mailtide/shared";
import { directions } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { isOpen } from "../../ui/verdict.ts";

/** "inbound and outbound": the directions that the headline covers. */
export function directionWords(known: Readonly<Partial<Record<Direction, DelayNumbers>>>): string {
  const words = directions
    .filter((direction) => known[direction] !== undefined)
    .map((direction) => text.directions[direction]);
  const last = words.at(-1);
  if (last === undefined) return "";
  return words.length === 1 ? last : `${words.slice(0, -1).join(", ")} ${text.and} ${last}`;
}

export interface LeadIncident {
  readonly lead: IncidentView | null;
  readonly others: readonly IncidentView[];
  /** Open ones that found no room. */
  readonly moreOpen: number;
  readonly resolved: readonly IncidentView[];
}

/** The incident that is told in full: the newest open page, else the newest open one. */
export function leadIncident({ incidents }: IncidentSection, mostOthers: number): LeadIncident {
  const open = incidents.filter(isOpen);
  const lead = open.find(({ severity }) => severity === "page") ?? open[0] ?? null;
  const others = open.filter((incident) => incident !== lead);
  return {
    lead,
    others: others.slice(0, mostOthers),
    moreOpen: Math.max(0, others.length - mostOthers),
    resolved: incidents.filter((incident) => !isOpen(incident)),
  };
}
