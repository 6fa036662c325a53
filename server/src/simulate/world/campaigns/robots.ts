import type { PerSecond } from "@mailtide/shared";
import type { Scenario } from "../../scenario/schema.ts";
import { lone } from "../addresses.ts";
import { createZipf } from "../draw.ts";
import { robot } from "../habits.ts";
import { startStream } from "../stream.ts";
import type { CampaignParts } from "./campaign-parts.ts";

const robots = 4_000;

/** Machines on block lists that knock all day and are refused. */
export function startRobots(parts: CampaignParts, scenario: Scenario, rhythm: (atMs: number) => number): void {
  const { agenda, rate, draws, customers, outside, desks } = parts;
  const send = desks("robots");
  const random = draws("robots");
  const some = createZipf(robots, 0.6);
  const perSecond: PerSecond = rate * scenario.arrivals.robots;
  const refuse = scenario.platform.postscreen.enabled ? "postscreen" : "listed";
  startStream({
    agenda,
    random: draws("times of robots"),
    // They sleep less than people do.
    perSecond: (atMs) => perSecond * (0.6 + 0.4 * rhythm(atMs)),
    arrive() {
      const client = { name: "unknown", ip: lone("robot", some(random)) };
      const recipients = [customers.address(random)];
      const letter = { client, sender: outside.address(random), recipients, who: "robot", refuse } as const;
      send(letter, robot);
    },
  });
}
