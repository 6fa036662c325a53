import type { Host } from "../engine/world.ts";
import type { Random } from "../random.ts";
import { inNetwork, lone } from "./addresses.ts";
import { createZipf } from "./draw.ts";
import { habitOf, provider, type Habit } from "./habits.ts";
import { mix } from "./hash.ts";
import { hosterDomain, operatorDomain, personName } from "./names.ts";
import type { Outside } from "./outside.ts";

/** Somebody who writes to us, with the server that does it. */
export interface Writer {
  readonly host: Host;
  readonly address: string;
  readonly habit: Habit;
}

/** Those who write to us regularly, and strangers. */
export interface Correspondents {
  writer(random: Random): Writer;
  /** Never seen before, and seldom again. */
  stranger(random: Random): Writer;
  /** A server of a regular one. */
  host(random: Random): Host;
}

/** Part of all mail that comes from the big operators, each with many servers. */
const bigShare = 0.38;
const bigOperators = 14;
const biggestPool = 240;
/** One of so many servers sends for the customers of a hosting firm: one address, many senders. */
const balancerEvery = 23;

export function createCorrespondents(count: number, outside: Outside): Correspondents {
  const bigs = Math.min(bigOperators, outside.operators);
  const someBig = createZipf(bigs, 1.05);
  const someServer = createZipf(count, 0.85);
  const poolOf = (operator: number) => Math.max(1, Math.round(Math.min(biggestPool, count / 40) / (operator + 1)));
  const servers: Host[] = [];
  let strangers = 0;

  const big = (random: Random) => {
    const operator = someBig(random);
    const host = random.below(poolOf(operator));
    const name = `out${host + 1}.${operatorDomain(operator)}`;
    return { operator, host: { name, ip: inNetwork("outgoing", operator, host) } };
  };
  const server = (index: number): Host => {
    const known = servers[index];
    if (known !== undefined) return known;
    const host = {
      name: isBalancer(index)
        ? `relay.${hosterDomain(index)}`
        : `mail${serverNumber(index)}.${outside.domainAt(index)}`,
      ip: lone("correspondent", index),
    };
    servers[index] = host;
    return host;
  };

  return {
    writer(random) {
      if (random.unit() < bigShare) {
        const { operator, host } = big(random);
        return {
          host,
          address: `${personName(random)}@${outside.domainOfOperator(random, operator)}`,
          habit: provider,
        };
      }
      const index = someServer(random);
      const host = server(index);
      const domain = isBalancer(index) ? outside.domain(random) : outside.domainAt(index);
      return { host, address: `${personName(random)}@${domain}`, habit: habitOf(host.name) };
    },
    stranger(random) {
      const index = strangers++;
      const ip = lone("stranger", index);
      // Half of them belong to a domain that nobody here has heard of.
      const domain = random.unit() < 0.5 ? `new-${index}.example` : outside.domain(random);
      const name = random.unit() < 0.12 ? "unknown" : `mail.${domain}`;
      return { host: { name, ip }, address: `${personName(random)}@${domain}`, habit: habitOf(domain) };
    },
    host: (random) => (random.unit() < bigShare ? big(random).host : server(someServer(random))),
  };
}

const serverNumber = (index: number) => Math.floor(index / 3_000) || "";
const isBalancer = (index: number) => mix(index) % balancerEvery === 0;
