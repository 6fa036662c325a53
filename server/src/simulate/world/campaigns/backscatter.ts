import type { Host } from "../../engine/world.ts";
import { lone } from "../addresses.ts";
import { habitOf } from "../habits.ts";
import { createSources } from "../sources.ts";
import { startStream } from "../stream.ts";
import { heightOf, type EventOf } from "../timeline.ts";
import type { CampaignParts } from "./campaign-parts.ts";

/** Forgers make up a part of the names. */
const unknownShare = 0.15;
/** Of the servers that bounce, those that also write to us otherwise. */
const correspondentShare = 0.2;
const sourcesPerEvent = 500_000;

/** Bounces of many honest servers, for mail that somebody else sent in our customers' names. */
export function startBackscatter(parts: CampaignParts, event: EventOf<"backscatter">, number: number): void {
  const { agenda, rate, draws, customers, outside, correspondents, desks } = parts;
  const send = desks(`backscatter ${number}`);
  const random = draws(`backscatter ${number}`);
  const sources = createSources(event.sources, draws(`sources of backscatter ${number}`));
  const height = heightOf(event);
  const server = (source: number): Host => ({
    name: `mx.${outside.domainAt(source * 7)}`,
    ip: lone("bouncer", number * sourcesPerEvent + source),
  });

  startStream({
    agenda,
    random: draws(`times of backscatter ${number}`),
    fromMs: event.fromMs,
    untilMs: event.untilMs,
    perSecond: (atMs) => rate * event.perSecond * height(atMs),
    arrive() {
      const source = sources.pick(random, 1);
      const client = random.unit() < correspondentShare ? correspondents.host(random) : server(source);
      const isUnknown = random.unit() < unknownShare;
      const forged = customers.address(random);
      const letter = {
        client,
        sender: "",
        recipients: [isUnknown ? forged.replace("@", `${random.below(1000)}@`) : forged],
        sizeBytes: 2_500 + random.below(6_000),
        refuse: isUnknown ? "unknown-user" : null,
      } as const;
      send(letter, habitOf(client.name));
    },
  });
}
