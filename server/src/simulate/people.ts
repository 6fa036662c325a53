import type { Random } from "./random.ts";

/** An SMTP client or server as a log names it. */
export interface Host {
  readonly name: string;
  readonly ip: string;
}

/** Where the receiving side of a domain stands. */
export interface Destination extends Host {
  /** Nobody has answered there for days. */
  readonly dead: boolean;
}

/**
 * Everybody on the day. Names end in `.example` and addresses lie in documentation and reserved ranges, so that nothing
 * written here can be somebody: customers in 192.0.2.0/24, other operators in 198.51.100.0/24, dead hosts in
 * 203.0.113.0/24, clients in 240.0.0.0/4.
 */
export interface People {
  readonly hostedDomains: readonly string[];
  customerAddress(random: Random): string;
  outsiderAddress(random: Random): string;
  /** The host that takes mail for an address. */
  destination(address: string): Destination;
  /** A correspondent's server: few send much, many send little. */
  correspondent(random: Random): Host;
  customerClient(address: string): Host;
  attacker(index: number): Host;
  /** A background robot that the lists already know. */
  robot(random: Random): Host;
  deadAddress(random: Random): string;
}

const firstWords = [
  "baobab",
  "kudu",
  "marula",
  "protea",
  "springbok",
  "umhlanga",
  "tugela",
  "karoo",
  "acacia",
  "impala",
];
const secondWords = ["mining", "logistics", "legal", "wines", "clinics", "retail"];
const names = [
  ..."thandi sipho lerato johan anele pieter nomsa kagiso zanele willem mpho annika bongani fatima".split(" "),
  ..."ravi chantelle themba lindiwe info accounts sales orders hr office".split(" "),
];
const correspondents = 20_000;
const outsideDomains = 3_000;
const operators = 120;
const deadHosts = 9;

export function createPeople(): People {
  const hostedDomains = firstWords.flatMap((first) => secondWords.map((second) => `${first}-${second}.example`));
  const customers = hostedDomains.flatMap((domain) => names.map((name) => `${name}@${domain}`));
  const places = new Map<string, Destination>();
  hostedDomains.forEach((domain, index) => {
    places.set(domain, { name: `mail.${domain}`, ip: `192.0.2.${index + 1}`, dead: false });
  });
  for (let index = 0; index < deadHosts; index++) {
    places.set(`closed-${index}.example`, {
      name: `mx.closed-${index}.example`,
      ip: `203.0.113.${index + 1}`,
      dead: true,
    });
  }

  return {
    hostedDomains,
    customerAddress: (random) => random.pick(customers),
    outsiderAddress: (random) =>
      `${random.pick(names)}.${random.below(400)}@post-${skewed(random, outsideDomains)}.example`,
    destination(address) {
      const domain = domainOf(address);
      return places.get(domain) ?? outsideDestination(domain);
    },
    correspondent(random) {
      const index = skewed(random, correspondents);
      return { name: `out-${index % 40}.post-${index % outsideDomains}.example`, ip: spread(241, index) };
    },
    customerClient(address) {
      const place = hostedDomains.indexOf(domainOf(address));
      return { name: `gw.${hostedDomains[place] ?? "customers.example"}`, ip: `192.0.2.${place + 101}` };
    },
    attacker(index) {
      const ip = spread(243, index);
      return { name: index % 3 === 0 ? `dyn-${ip.replaceAll(".", "-")}.access-${index % 90}.example` : "unknown", ip };
    },
    robot: (random) => ({ name: "unknown", ip: spread(245, random.below(4_000)) }),
    deadAddress: (random) => `${random.pick(names)}@closed-${random.below(deadHosts)}.example`,
  };
}

export const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);

/** A domain of others; its number says which operator takes its mail. */
function outsideDestination(domain: string): Destination {
  const operator = (Number(/\d+/.exec(domain)?.[0] ?? 0) * 7) % operators;
  return { name: `mx${operator}.operators.example`, ip: `198.51.100.${operator + 1}`, dead: false };
}

/** The first ones are the busy ones. */
const skewed = (random: Random, count: number) => Math.floor(count * random.unit() ** 2.5);

/** Distinct addresses for distinct numbers below 2^24, far apart: an odd factor permutes the residues. */
function spread(firstByte: number, index: number): string {
  const bits = Math.imul(index + 1, 0x9e3779b1) & 0xffffff;
  return `${firstByte}.${bits >>> 16}.${(bits >>> 8) & 255}.${bits & 255}`;
}
