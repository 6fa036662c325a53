import type { MailEvent } from "../event.ts";
import { detachWhole } from "../text/detach.ts";
import { placeOf } from "../text/place.ts";
import { type Hop, hopOf, type Hops } from "./hops.ts";

/** A hop, and what the node's configuration makes of it. */
export interface JudgedHop {
  readonly hop: Hop;
  readonly own: boolean;
  readonly rejoins: boolean;
}

interface Kept extends JudgedHop {
  readonly relay: string | undefined;
  readonly ip: string | undefined;
  readonly port: number | undefined;
  readonly process: string | undefined;
  readonly transport: string | undefined;
}

/** Where the last deliveries of a node went: most mail goes where mail went a moment ago. */
export class LatelyHops {
  readonly #hops: Hops;
  readonly #kept: (Kept | undefined)[] = Array.from({ length: places }, () => undefined);

  constructor(hops: Hops) {
    this.#hops = hops;
  }

  of(event: MailEvent): JudgedHop {
    const { relay, relayIp, relayPort, process, transport } = event;
    const name = relay ?? transport;
    // Without a host the reason may tell one, and is another each time.
    const byReason = relay === undefined && event.reason !== undefined;
    if (name === undefined || name.length > longestName || byReason) return this.#judge(hopOf(event));
    // By both: hosts of many names share an address, and one name may have many.
    const place = (relayIp === undefined ? 0 : placeOf(relayIp, places - 1)) ^ placeOf(name, places - 1);
    const kept = this.#kept[place];
    if (
      kept !== undefined &&
      kept.relay === relay &&
      kept.ip === relayIp &&
      kept.process === process &&
      kept.port === relayPort &&
      kept.transport === transport
    )
      return kept;
    // As it is for any text: where the host is none, the reason of each line tells another hop.
    if (relay === "none" && relayIp === undefined) return this.#judge(hopOf(event));
    return (this.#kept[place] = this.#keep(event));
  }

  /** Its texts are no parts of a line. */
  #keep({ relay: text, relayIp, relayPort, process, transport }: MailEvent): Kept {
    const relay = text === undefined ? undefined : detachWhole(text);
    const ip = relayIp === undefined ? undefined : detachWhole(relayIp);
    const agent = process === undefined ? undefined : detachWhole(process);
    const carrier = transport === undefined ? undefined : detachWhole(transport);
    const event: MailEvent = { event: "delivery" };
    if (relay !== undefined) event.relay = relay;
    if (ip !== undefined) event.relayIp = ip;
    if (relayPort !== undefined) event.relayPort = relayPort;
    if (agent !== undefined) event.process = agent;
    if (carrier !== undefined) event.transport = carrier;
    const { hop, own, rejoins } = this.#judge(hopOf(event));
    return { hop, own, rejoins, relay, ip, port: relayPort, process: agent, transport: carrier };
  }

  #judge(hop: Hop): JudgedHop {
    return { hop, own: this.#hops.own(hop), rejoins: this.#hops.rejoins(hop) };
  }
}

/** A power of two. */
const places = 8_192;
const longestName = 255;
