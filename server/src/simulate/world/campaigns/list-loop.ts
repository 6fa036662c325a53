import type { Host } from "../../engine/world.ts";
import { lone } from "../addresses.ts";
import { habits } from "../habits.ts";
import { verp } from "../letters.ts";
import { startStream } from "../stream.ts";
import { heightOf, type EventOf } from "../timeline.ts";
import type { CampaignParts } from "./campaign-parts.ts";

/** Received lines that a pass adds, and their size. The list's own host stops at 50 of them (hopcount_limit, postconf(5)). */
const hopsPerPass = 3;
const hopBytes = 350;
const mostHops = 50;
const listNumber = 1_000;

/** A list whose posts come back to it: round after round of the same Message-ID to the same members, a little longer each time. */
export function startListLoop(parts: CampaignParts, event: EventOf<"list-loop">, number: number): void {
  const { agenda, rate, draws, customers, desks } = parts;
  const send = desks(`list loop ${number}`);
  const random = draws(`list loop ${number}`);
  const height = heightOf(event);
  const domain = `all-members-${number}.example`;
  const client: Host = { name: `lists.${domain}`, ip: lone("list", listNumber + number) };
  const members = membersOf(event.members, () => customers.address(random));
  let place = 0;
  let hops = 0;
  let thread = 0;

  startStream({
    agenda,
    random: draws(`times of list loop ${number}`),
    fromMs: event.fromMs,
    untilMs: event.untilMs,
    perSecond: (atMs) => rate * event.perSecond * height(atMs),
    arrive() {
      if (place === members.length) {
        place = 0;
        hops += hopsPerPass;
        if (hops >= mostHops) {
          hops = 0;
          thread++;
        }
      }
      const recipient = members[place++] ?? "";
      const letter = {
        client,
        sender: verp("all", domain, recipient),
        recipients: [recipient],
        messageId: `reply-${thread}.${event.fromMs.toString(36)}@${domain}`,
        sizeBytes: 4_000 + hops * hopBytes,
      };
      send(letter, habits.postfix);
    },
  });
}

/** As many of the customers' people as there are, if there are not enough. */
function membersOf(count: number, someone: () => string): readonly string[] {
  const members = new Set<string>();
  for (let tries = 20 * count; tries > 0 && members.size < count; tries--) members.add(someone());
  return [...members];
}
