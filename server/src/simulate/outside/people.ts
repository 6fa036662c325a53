import type { Host } from "../engine/world.ts";
import type { Random } from "../random.ts";
import type { Scenario } from "../scenario/schema.ts";

/**
 * Our customers and everybody who writes to them. Names end in `.example` and addresses lie in documentation, benchmark and
 * reserved ranges, so that nothing written here can be somebody.
 */
export interface People {
  readonly hostedDomains: readonly string[];
  /** A few write and get much, many little. */
  customer(random: Random): string;
  /** The server or line from which a customer's people send. */
  customerHost(address: string): Host;
  correspondent(random: Random): Correspondent;
  /** Somebody who writes for the first time: another one each time. */
  stranger(): Correspondent;
  /** Somebody to write to. */
  outsider(random: Random): string;
  deadAddress(random: Random): string;
}

/** Somebody else's mail server and who writes over it. */
export interface Correspondent {
  readonly host: Host;
  readonly number: number;
  writer(random: Random): string;
}

const firstWords = "baobab kudu marula protea springbok umhlanga tugela karoo acacia impala".split(" ");
const secondWords = "mining logistics legal wines clinics retail".split(" ");
const names = (
  "thandi sipho lerato johan anele pieter nomsa kagiso zanele willem mpho annika bongani fatima " +
  "ravi chantelle themba lindiwe info accounts sales orders hr office"
).split(" ");
export const deadHosts = 9;
/** The biggest correspondents are providers that send over many addresses; the smallest share one with others. */
const providers = 25;
const addressesOfProvider = 16;
const sharersOfBalancer = 8;

export function createPeople({ platform, population }: Scenario): People {
  const { domains, mailboxes } = platform.customers;
  const hostedDomains = Array.from({ length: domains }, (_, index) => hostedDomain(index));
  const places = new Map(hostedDomains.map((domain, index) => [domain, index]));
  const { correspondents, outsideDomains } = population;
  let strangers = 0;

  return {
    hostedDomains,
    customer(random) {
      const domain = hostedDomains[skewed(random, domains, 1.6)] ?? "";
      return `${mailbox(skewed(random, mailboxes, 1.4))}@${domain}`;
    },
    customerHost(address) {
      const place = places.get(domainOf(address)) ?? 0;
      return { name: `gw.${hostedDomains[place] ?? "customers.example"}`, ip: `198.18.${place >> 8}.${place & 255}` };
    },
    correspondent(random) {
      const number = skewed(random, correspondents, 2.5);
      return {
        number,
        host: hostOf(number, correspondents, outsideDomains, random),
        writer: writerOf(number, outsideDomains),
      };
    },
    stranger() {
      const number = strangers++;
      const ip = spread(244, number);
      const isNamed = number % 4 !== 0;
      const domain = `new-${number % 50_000}.example`;
      return {
        number,
        host: { name: isNamed ? `mail.${domain}` : "unknown", ip },
        writer: (random) => `${random.pick(names)}@${domain}`,
      };
    },
    outsider: (random) =>
      `${random.pick(names)}.${random.below(400)}@${outsideDomain(skewed(random, outsideDomains, 2))}`,
    deadAddress: (random) => `${random.pick(names)}@closed-${random.below(deadHosts)}.example`,
  };
}

export const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);
export const outsideDomain = (number: number): string => `post-${number}.example`;

/** The first ones are the busy ones. */
export const skewed = (random: Random, count: number, power: number): number =>
  Math.min(count - 1, Math.floor(count * random.unit() ** power));

/** Distinct addresses for distinct numbers below 2^24, far apart: an odd factor permutes the residues. */
export function spread(firstByte: number, index: number): string {
  const bits = Math.imul(index + 1, 0x9e3779b1) & 0xffffff;
  return `${firstByte}.${bits >>> 16}.${(bits >>> 8) & 255}.${bits & 255}`;
}

function hostedDomain(index: number): string {
  const first = firstWords[index % firstWords.length] ?? "";
  const second = secondWords[Math.floor(index / firstWords.length) % secondWords.length] ?? "";
  const round = Math.floor(index / (firstWords.length * secondWords.length));
  return `${first}-${second}${round === 0 ? "" : `-${round + 1}`}.example`;
}

const mailbox = (index: number): string => {
  const name = names[index % names.length] ?? "info";
  return index < names.length ? name : `${name}.${Math.floor(index / names.length)}`;
};

function hostOf(number: number, correspondents: number, domains: number, random: Random): Host {
  if (number < providers) {
    const one = random.below(addressesOfProvider);
    return { name: `out-${one}.provider-${number}.example`, ip: spread(240, number * addressesOfProvider + one) };
  }
  const isShared = number > correspondents * 0.7;
  const server = isShared ? number - (number % sharersOfBalancer) : number;
  return { name: `out-${server % 40}.${outsideDomain(server % domains)}`, ip: spread(241, server) };
}

function writerOf(number: number, domains: number): (random: Random) => string {
  // A provider carries the mail of many domains.
  if (number < providers)
    return (random) => `${random.pick(names)}.${random.below(900)}@${outsideDomain(random.below(domains))}`;
  return (random) => `${random.pick(names)}@${outsideDomain(number % domains)}`;
}
