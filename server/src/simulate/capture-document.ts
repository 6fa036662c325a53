import { stringify } from "yaml";
import { clock, zone } from "./day.ts";
import { dependencies } from "./probes.ts";

/** `capture.yaml` of the day. `from` and `to` let a reader show how far it is. */
export function captureDocument(
  nodes: readonly string[],
  hostedDomains: readonly string[],
  from: string,
  to: string,
): string {
  return stringify({
    version: 1,
    name: "origin-day",
    timezone: zone,
    year: 2016,
    simulated: true,
    from: at(from),
    to: at(to),
    nodes: nodes.map((id) => ({
      id,
      mta: "postfix",
      timezone: zone,
      ownHops: ["127.0.0.0/8"],
      ownDomains: [...hostedDomains],
    })),
    businessHours: { days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "17:00" },
    dependencies: dependencies.map(({ id, type }) => ({ id, type, affects: [...nodes] })),
  });
}

interface ChangeRow {
  readonly startAt: string;
  readonly endAt?: string;
  readonly title: string;
  readonly service: string;
  readonly host?: string;
  readonly source: string;
  readonly author: string;
  readonly productionAffecting: boolean;
}

/** What was changed on the day: one harmless thing, and the code push. */
export function changeRows(): readonly ChangeRow[] {
  return [
    {
      startAt: at("08:40"),
      endAt: at("08:46"),
      title: "Quarantine report: new wording",
      service: "portal",
      source: "pipeline",
      author: "release",
      productionAffecting: false,
    },
    {
      startAt: at("12:24"),
      title: "Code push: remove tables of the test database",
      service: "mail-db",
      host: "db1",
      source: "pipeline",
      author: "release",
      productionAffecting: false,
    },
  ];
}

const at = (text: string) => new Date(clock(text)).toISOString();
