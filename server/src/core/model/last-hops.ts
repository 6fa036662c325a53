import type { MailEvent } from "../event.ts";
import { InOrder } from "../sketch/in-order.ts";
import { detach } from "../text/detach.ts";
import { domainOf } from "./domain.ts";

type Place = Pick<MailEvent, "relay" | "relayIp" | "relayPort">;
type PlaceRow = readonly [key: string, relay: string | null, relayIp: string | null, relayPort: number | null];

/** More are forgotten, the oldest first. */
const mostKept = 20_000;

/**
 * Where a message was tried, for lines that do not say it. Exim tells of each host that failed on a line of its own, and
 * then of the recipient without the host; while it lets a host rest, it names only the domain.
 */
export class LastHops {
  readonly #byMessage = new InOrder<Place>();
  readonly #byDomain = new InOrder<Place>();

  /** A line that speaks of a host and of no recipient. */
  note({ queueId, relay, relayIp, relayPort }: MailEvent): void {
    if (queueId === undefined || relayIp === undefined) return;
    keep(this.#byMessage, queueId, placeOf(relay, relayIp, relayPort));
  }

  /** The event with its host, where one is known that it does not name. */
  complete(event: MailEvent): MailEvent {
    const { queueId, to } = event;
    if (this.#byMessage.size === 0 && this.#byDomain.size === 0) return event;
    if (event.relay !== undefined || event.relayIp !== undefined) return event;
    if (event.status !== "deferred" || queueId === undefined || to === undefined) return event;
    const domain = domainOf(to);
    const tried = this.#byMessage.get(queueId);
    if (tried !== undefined) keep(this.#byDomain, domain, tried);
    const place = tried ?? this.#byDomain.get(domain);
    return place === undefined ? event : { ...event, ...place };
  }

  /** The message is gone. */
  forget(queueId: string): void {
    if (this.#byMessage.size > 0) this.#byMessage.delete(queueId);
  }

  save(): readonly [messages: PlaceRow[], domains: PlaceRow[]] {
    return [rows(this.#byMessage), rows(this.#byDomain)];
  }

  restore([messages, domains]: readonly [messages: readonly PlaceRow[], domains: readonly PlaceRow[]]): void {
    for (const [key, relay, relayIp, port] of messages) keep(this.#byMessage, key, placeOf(relay, relayIp, port));
    for (const [key, relay, relayIp, port] of domains) keep(this.#byDomain, key, placeOf(relay, relayIp, port));
  }
}

function keep(into: InOrder<Place>, key: string, place: Place): void {
  const isNew = !into.has(key);
  if (isNew && into.size >= mostKept) into.dropOldest();
  into.set(isNew ? detach(key) : key, place);
}

function placeOf(
  relay: string | null | undefined,
  relayIp: string | null | undefined,
  relayPort: number | null | undefined,
): Place {
  return {
    ...(typeof relay === "string" ? { relay: detach(relay) } : {}),
    ...(typeof relayIp === "string" ? { relayIp: detach(relayIp) } : {}),
    ...(typeof relayPort === "number" ? { relayPort } : {}),
  };
}

const rows = (from: InOrder<Place>): PlaceRow[] =>
  [...from.entries()].map(([key, { relay, relayIp, relayPort }]) => [
    key,
    relay ?? null,
    relayIp ?? null,
    relayPort ?? null,
  ]);
