import type { Destination } from "../engine/world.ts";
import type { Scenario } from "../scenario/schema.ts";
import { deadHosts } from "./people.ts";
import { lot } from "./timeline.ts";

/** Share of all outside domains whose mail the biggest operators take, the biggest first; the rest share what is left. */
const bigShares = [0.26, 0.2, 0.08, 0.05, 0.04, 0.03];
const greylistingShare = 0.08;
const known = 20_000;

/** Who takes mail for a domain: a customer's own server, one of few large operators, one of many small ones, or nobody. */
export function createDestinations(
  { population }: Scenario,
  hostedDomains: readonly string[],
): (domain: string) => Destination {
  const places = new Map<string, Destination>();
  hostedDomains.forEach((domain, index) => places.set(domain, ownServer(domain, index)));
  for (let index = 0; index < deadHosts; index++) places.set(`closed-${index}.example`, closed(index));
  const operators = Array.from({ length: population.operators }, (_, number) => operatorOf(number));

  return (domain) => {
    const place = places.get(domain);
    if (place !== undefined) return place;
    const found = operators[operatorNumber(domain, operators.length)];
    if (found === undefined) throw new Error("a world needs an operator");
    // Forged names come without end.
    if (places.size >= known) places.clear();
    places.set(domain, found);
    return found;
  };
}

function ownServer(domain: string, index: number): Destination {
  return {
    name: `mail.${domain}`,
    ip: `198.19.${index >> 8}.${index & 255}`,
    operator: null,
    dead: false,
    connectSeconds: 0.05,
    transmitSeconds: 0.3,
    greylists: false,
    fullMailboxShare: 0.002,
  };
}

const closed = (index: number): Destination => ({
  name: `mx.closed-${index}.example`,
  ip: `203.0.113.${index + 1}`,
  operator: null,
  dead: true,
  connectSeconds: 30,
  transmitSeconds: 0,
  greylists: false,
  fullMailboxShare: 0,
});

function operatorOf(number: number): Destination {
  const isBig = number < bigShares.length;
  return {
    name: `mx${number}.operators.example`,
    ip: `198.51.${100 + (number >> 8)}.${number & 255}`,
    operator: number,
    dead: false,
    connectSeconds: isBig ? 0.12 : 0.1 + 0.3 * lot(number, 1),
    transmitSeconds: isBig ? 0.5 : 0.25 + 0.6 * lot(number, 2),
    greylists: !isBig && lot(number, 3) < greylistingShare,
    fullMailboxShare: 0.004 * lot(number, 4),
  };
}

function operatorNumber(domain: string, operators: number): number {
  let hash = 7;
  for (let at = 0; at < domain.length; at++) hash = (Math.imul(hash, 31) + domain.charCodeAt(at)) | 0;
  let left = lot(hash, 5);
  for (const [number, share] of bigShares.entries()) {
    if (number >= operators - 1) break;
    if (left < share) return number;
    left -= share;
  }
  const small = Math.max(1, operators - bigShares.length);
  return Math.min(operators - 1, bigShares.length + Math.floor(lot(hash, 6) * small));
}
