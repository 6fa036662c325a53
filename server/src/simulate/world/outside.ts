import type { Random } from "../random.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { Destination } from "../engine/world.ts";
import { deadAddressOf, inNetwork } from "./addresses.ts";
import { createZipf } from "./draw.ts";
import { asShare, hashText, mix } from "./hash.ts";
import { operatorDomain, outsideDomain, personName } from "./names.ts";

/** Everybody else's domains, and the operators that take mail for them. */
export interface Outside {
  readonly operators: number;
  /** By popularity. */
  domain(random: Random): string;
  domainAt(index: number): string;
  domainOfOperator(random: Random, operator: number): string;
  address(random: Random): string;
  destination(domain: string): Destination;
  /** At a domain whose host has been dead for days. */
  deadAddress(random: Random): string;
}

const deadHosts = 9;
/** Operators beyond the big ones may greylist. */
const biggest = 10;
const greylistingShare = 0.06;
/** Domains that nobody knows are remembered up to so many: bounces go to names that attackers make up. */
const mostRemembered = 20_000;

export function createOutside({ outsideDomains, operators }: Scenario["population"], seed: number): Outside {
  const someDomain = createZipf(outsideDomains, 0.75);
  const domains = Array.from({ length: outsideDomains }, (_, index) => outsideDomain(index));
  const rank = operatorRank(operators);
  const operatorOf = (domain: string) => rank(asShare(hashText(domain, seed)));
  const served = Array.from({ length: operators }, (): string[] => []);
  for (const domain of domains) served[operatorOf(domain)]?.push(domain);
  const remembered = new Map<string, Destination>();
  const domain = (random: Random) => domains[someDomain(random)] ?? "";

  return {
    operators,
    domain,
    domainAt: (index) => domains[index % outsideDomains] ?? "",
    domainOfOperator(random, operator) {
      const list = served[operator];
      return list === undefined || list.length === 0 ? domain(random) : random.pick(list);
    },
    address: (random) => `${personName(random)}@${domain(random)}`,
    destination(name) {
      let known = remembered.get(name);
      if (known === undefined) {
        if (remembered.size >= outsideDomains + mostRemembered) remembered.clear();
        known = deadDestination(name, operators) ?? destinationOf(name, operatorOf(name), seed);
        remembered.set(name, known);
      }
      return known;
    },
    deadAddress: (random) => `${personName(random)}@closed-${random.below(deadHosts)}.example`,
  };
}

/** Which operator serves a domain, from a number in [0, 1): weights fall as 1 / (rank + 2), so that a few serve most. */
function operatorRank(operators: number): (unit: number) => number {
  const sums: number[] = [];
  let sum = 0;
  for (let index = 0; index < operators; index++) sums.push((sum += 1 / (index + 2)));
  return (unit) => {
    const wanted = unit * sum;
    const found = sums.findIndex((value) => value > wanted);
    return found < 0 ? operators - 1 : found;
  };
}

function destinationOf(domain: string, operator: number, seed: number): Destination {
  const hosts = operator < biggest ? 4 : 2;
  const host = hashText(domain, seed + 1) % hosts;
  const character = asShare(mix(seed ^ Math.imul(operator + 1, 0x9e3779b1)));
  const another = asShare(mix(seed ^ Math.imul(operator + 1, 0x85ebca77)));
  return {
    name: `mx${host + 1}.${operatorDomain(operator)}`,
    ip: inNetwork("operator", operator, host),
    operator,
    dead: false,
    // From 0.04 to 0.6 and from 0.1 to 1.6 seconds; the far ones are rarer.
    connectSeconds: 0.04 * 15 ** (character ** 1.5),
    transmitSeconds: 0.1 * 16 ** (another ** 1.5),
    greylists: operator >= biggest && asShare(hashText("greylists", seed + operator)) < greylistingShare,
    fullMailboxShare: 0.0008 + 0.0012 * character,
  };
}

function deadDestination(domain: string, operators: number): Destination | undefined {
  const index = /^closed-(\d+)\.example$/.exec(domain)?.[1];
  if (index === undefined) return undefined;
  return {
    name: `mx.${domain}`,
    ip: deadAddressOf(Number(index)),
    operator: operators + Number(index),
    dead: true,
    connectSeconds: 30,
    transmitSeconds: 1,
    greylists: false,
    fullMailboxShare: 0,
  };
}
