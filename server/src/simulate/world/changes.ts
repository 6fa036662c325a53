import type { Agenda } from "../agenda.ts";
import type { DaySink } from "../engine/world.ts";
import type { Calendar } from "../scenario/calendar.ts";
import type { Scenario } from "../scenario/schema.ts";

/** Writes a row of `changes.jsonl` when a change begins. */
export function startChanges(
  changes: Scenario["changes"],
  calendar: Calendar,
  agenda: Agenda,
  sink: Pick<DaySink, "change">,
): void {
  const iso = (local: string) => new Date(calendar.instant(local)).toISOString();
  for (const { at, until, title, service, host, author, productionAffecting } of changes) {
    const row = {
      startAt: iso(at),
      title,
      ...(until === undefined ? {} : { endAt: iso(until) }),
      ...(service === undefined ? {} : { service }),
      ...(host === undefined ? {} : { host }),
      ...(author === undefined ? {} : { author }),
      ...(productionAffecting === undefined ? {} : { productionAffecting }),
    };
    agenda.at(calendar.instant(at), () => sink.change(JSON.stringify(row)));
  }
}
