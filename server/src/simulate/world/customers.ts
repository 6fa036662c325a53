import type { Random } from "../random.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { Destination, Host } from "../engine/world.ts";
import { inNetwork, lone } from "./addresses.ts";
import { createZipf } from "./draw.ts";
import { customerDomain, mailboxName } from "./names.ts";

/** The firms whose mail the platform handles. */
export interface Customers {
  readonly domains: readonly string[];
  /** A mailbox; some get and write much more than others. */
  address(random: Random): string;
  /** One of the same firm. */
  colleague(random: Random, address: string): string;
  /** Where a customer's mail programs write from: the firm's gateway, or wherever the person is. */
  client(random: Random, address: string): Host;
  destination(domain: string): Destination | undefined;
}

const roamingShare = 0.2;
const roamers = 4_000;

export function createCustomers({ domains: count, mailboxes }: Scenario["platform"]["customers"]): Customers {
  const domains = Array.from({ length: count }, (_, index) => customerDomain(index));
  const places = new Map(domains.map((domain, index) => [domain, index]));
  const names = Array.from({ length: mailboxes }, (_, index) => mailboxName(index));
  const someDomain = createZipf(count, 0.5);
  const someMailbox = createZipf(mailboxes, 0.4);
  const destinations = domains.map((domain, index): Destination => ({
    name: `mail.${domain}`,
    ip: inNetwork("customer", index, 10),
    operator: null,
    dead: false,
    connectSeconds: 0.06,
    transmitSeconds: 0.35,
    greylists: false,
    fullMailboxShare: 0.001,
  }));
  const gateways = domains.map((domain, index): Host => ({
    name: `gw.${domain}`,
    ip: inNetwork("customer", index, 20),
  }));
  const mailbox = (random: Random) => names[someMailbox(random)] ?? "info";

  return {
    domains,
    address: (random) => `${mailbox(random)}@${domains[someDomain(random)] ?? ""}`,
    colleague: (random, address) => mailbox(random) + address.slice(address.lastIndexOf("@")),
    client(random, address) {
      if (random.unit() < roamingShare) {
        const ip = lone("roamer", random.below(roamers));
        return { name: `dyn-${ip.replaceAll(".", "-")}.access.example`, ip };
      }
      return gateways[places.get(domainOf(address)) ?? 0] ?? { name: "unknown", ip: lone("roamer", 0) };
    },
    destination: (domain) => destinations[places.get(domain) ?? -1],
  };
}

export const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);
