import type { EpochMs, Share } from "@mailtide/shared";
import type { Host, Session } from "../../engine/world.ts";
import { curve } from "../../scenario/calendar.ts";
import { lone } from "../addresses.ts";
import { robot } from "../habits.ts";
import { personName } from "../names.ts";
import { createSources } from "../sources.ts";
import { startStream } from "../stream.ts";
import { heightOf, type EventOf } from "../timeline.ts";
import type { CampaignParts } from "./campaign-parts.ts";

/** Addresses of floods of the same day do not overlap. */
const sourcesPerFlood = 500_000;

/** Hostile mail from many addresses. `blockedShare`: what the operators have refused by hand so far. */
export function startFlood(
  parts: CampaignParts,
  event: EventOf<"flood">,
  number: number,
  blockedShare: (atMs: EpochMs) => Share,
): void {
  const { agenda, rate, draws, customers, outside, desks } = parts;
  const send = desks(`flood ${number}`);
  const random = draws(`flood ${number}`);
  const sources = createSources(event.sources, draws(`sources of flood ${number}`));
  const height = heightOf(event);
  const passed = passedOf(event.shape);
  const spanMs = Math.max(1, event.untilMs - event.fromMs);
  const stopped: Session["refuse"] =
    event.stoppedBy === "nobody" ? null : event.stoppedBy === "postscreen" ? "postscreen" : "listed";
  const envelope = (victim: string): string => {
    if (event.kind !== "spoof") return `${personName(random)}@${outside.domain(random)}`;
    // Not all of them take care of capitals.
    return random.unit() < 0.03 ? victim.slice(0, 1).toUpperCase() + victim.slice(1) : victim;
  };

  startStream({
    agenda,
    random: draws(`times of flood ${number}`),
    fromMs: event.fromMs,
    untilMs: event.untilMs,
    perSecond: (atMs) => rate * event.perSecond * height(atMs),
    arrive() {
      const { nowMs } = agenda;
      const source = sources.pick(random, passed((nowMs - event.fromMs) / spanMs));
      const client = attacker(number * sourcesPerFlood + source);
      const victim = customers.address(random);
      const isBlocked = sources.isAmongFirst(source, blockedShare(nowMs));
      const letter = {
        client,
        sender: envelope(victim),
        recipients: [victim],
        sizeBytes: 6_000 + random.below(9_000),
        hostile: event.hostile,
        who: "attacker",
        refuse: isBlocked ? "by-hand" : stopped,
      } as const;
      send(letter, robot);
    },
  });
}

function attacker(index: number): Host {
  const ip = lone("attacker", index);
  return { name: index % 3 === 0 ? `dyn-${ip.replaceAll(".", "-")}.access-${index % 90}.example` : "unknown", ip };
}

/** How much of the mail of a shape is through when so much of its span is. */
function passedOf(shape: readonly (readonly [number, number])[]): (spanShare: Share) => Share {
  const steps = 200;
  const height = curve(shape);
  const sums = [0];
  for (let step = 0; step < steps; step++) sums.push((sums[step] ?? 0) + height((step + 0.5) / steps));
  const total = sums[steps] ?? 0;
  return (spanShare) => (total > 0 ? (sums[Math.min(steps, Math.floor(spanShare * steps))] ?? 0) / total : 1);
}
