import type { Host, Session } from "../../engine/world.ts";
import type { Random } from "../../random.ts";
import { arrive } from "../arrivals.ts";
import { plainSession, type WorldParts } from "../parts.ts";
import { spread } from "../people.ts";
import { eventsOf, lot, position, strength } from "../timeline.ts";

const blockSalt = 21;
const beginSalt = 22;
/** The last of the sources joins when this part of the flood is over. */
const joiningShare = 0.15;
/** A few send much, many little. */
const skew = 1.5;
const tries = 4;

/** Hostile mail from many sources that come in over time, while operators refuse a growing part of them by hand. */
export function startFloods(parts: WorldParts): void {
  const { scenario, calendar, agenda, people, senders } = parts;
  const blocks = eventsOf(scenario, calendar, "block-by-hand");
  const blockedShare = (atMs: number) =>
    blocks.reduce((most, block) => Math.max(most, atMs < block.fromMs ? 0 : block.share * position(block, atMs)), 0);

  eventsOf(scenario, calendar, "flood").forEach((flood, number) => {
    const random = parts.random();
    const perSecond = strength(flood);
    const before = number * 1_000_000;
    arrive(
      agenda,
      random,
      (atMs) => scenario.rate * perSecond(atMs),
      () => {
        const index = before + pick(random, flood.sources, position(flood, agenda.nowMs));
        const client = attacker(index);
        const victim = people.customer(random);
        const isBlocked = lot(index, blockSalt) < blockedShare(agenda.nowMs);
        const refuse: Session["refuse"] = isBlocked
          ? "by-hand"
          : flood.stoppedBy === "postscreen"
            ? "postscreen"
            : flood.stoppedBy === "smtpd"
              ? "listed"
              : null;
        const sender = flood.kind === "spoof" ? victim : people.outsider(random);
        const session = plainSession(
          client,
          sender,
          [victim],
          parts.newMessageId(client.name === "unknown" ? "localhost" : client.name),
          {
            sizeBytes: 6_000 + random.below(9_000),
            hostile: flood.hostile,
            who: "attacker",
            refuse,
          },
        );
        senders.offer(session, "robot", index);
      },
    );
  });
}

/** One of those that have joined already. */
function pick(random: Random, sources: number, at: number): number {
  let index = 0;
  for (let attempt = 0; attempt < tries; attempt++) {
    index = Math.min(sources - 1, Math.floor(sources * random.unit() ** skew));
    if (lot(index, beginSalt) * joiningShare <= at) break;
  }
  return index;
}

function attacker(index: number): Host {
  const ip = spread(243, index);
  return { name: index % 3 === 0 ? `dyn-${ip.replaceAll(".", "-")}.access-${index % 90}.example` : "unknown", ip };
}
