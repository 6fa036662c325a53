import { arrive } from "../arrivals.ts";
import { inbound } from "../everyday.ts";
import { plainSession, type WorldParts } from "../parts.ts";
import { spread } from "../people.ts";
import { eventsOf, strength } from "../timeline.ts";

/** A post of a looping list comes by so often before the next one does. */
const roundsOfLoop = 20;
/** Bounces reach addresses that the forger made up as often as real ones. */
const inventedShare = 0.4;

/** Bounces of mail that somebody sent in our customers' names: from servers that do nothing wrong but bounce. */
export function startBackscatter(parts: WorldParts): void {
  const { scenario, calendar, agenda, people, senders } = parts;
  for (const event of eventsOf(scenario, calendar, "backscatter")) {
    const random = parts.random();
    const perSecond = strength(event);
    arrive(
      agenda,
      random,
      (atMs) => scenario.rate * perSecond(atMs),
      () => {
        const number = random.below(event.sources);
        const client = { name: `mx.bouncer-${number}.example`, ip: spread(242, number) };
        const isInvented = random.unit() < inventedShare;
        const to = isInvented
          ? people.customer(random).replace("@", `${random.below(100)}x@`)
          : people.customer(random);
        const session = plainSession(client, "", [to], parts.newMessageId(client.name), {
          sizeBytes: 3_000 + random.below(6_000),
          who: "robot",
          refuse: isInvented ? "unknown-user" : null,
        });
        senders.offer(session, "server", number);
      },
    );
  }
}

/** A legitimate list whose posts come back to it: the same message for the same people, again and again. */
export function startListLoops(parts: WorldParts): void {
  const { scenario, calendar, agenda, people, senders } = parts;
  eventsOf(scenario, calendar, "list-loop").forEach((event, number) => {
    const random = parts.random();
    const perSecond = strength(event);
    const host = { name: `loop-${number}.lists.example`, ip: spread(246, 1_000 + number) };
    const members = Array.from({ length: event.members }, () => people.customer(random));
    let sent = 0;
    arrive(
      agenda,
      random,
      (atMs) => scenario.rate * perSecond(atMs),
      () => {
        const post = Math.floor(sent / (members.length * roundsOfLoop));
        const member = members[sent++ % members.length] ?? "";
        const session = plainSession(host, `everybody-bounces@${host.name}`, [member], `post-${post}@${host.name}`, {
          sizeBytes: 9_000 + 200 * Math.min(50, Math.floor(sent / members.length) % roundsOfLoop),
        });
        senders.offer(session, "server", 500 + number);
      },
    );
  });
}

/** More ordinary mail than usual. */
export function startSurges(parts: WorldParts): void {
  const { scenario, calendar, agenda } = parts;
  for (const event of eventsOf(scenario, calendar, "surge")) {
    const random = parts.random();
    const perSecond = strength(event);
    arrive(
      agenda,
      random,
      (atMs) => scenario.rate * perSecond(atMs),
      () => inbound(parts, random),
    );
  }
}
