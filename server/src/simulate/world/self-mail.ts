import type { Host } from "../engine/world.ts";
import type { Random } from "../random.ts";
import { lone } from "./addresses.ts";
import type { Customers } from "./customers.ts";
import { createZipf } from "./draw.ts";
import { hosterDomain } from "./names.ts";

/** Mail whose sender is its recipient, in all innocence. */
export interface SelfMail {
  /** From a scanner, a telephone system or a web form, which does not log in. */
  device(random: Random): { readonly client: Host; readonly address: string };
}

/** Of such mail, what comes from a device that never did it before. */
const newShare = 0.06;
/** Web hosts and telephone systems, each of which does it for many firms. */
const shared = 25;
const sharedShare = 0.35;

export function createSelfMail(customers: Customers, random: Random): SelfMail {
  const scanners = Array.from({ length: Math.max(3, Math.round(customers.domains.length * 0.7)) }, (_, index) => ({
    client: scanner(index),
    address: customers.address(random),
  }));
  const services = Array.from({ length: shared }, (_, index): Host => ({
    name: `${index % 2 === 0 ? "web" : "pbx"}${index}.${hosterDomain(index)}`,
    ip: lone("device", 1_000_000 + index),
  }));
  const someScanner = createZipf(scanners.length, 0.6);
  let bought = scanners.length;

  return {
    device(from) {
      const dice = from.unit();
      if (dice < newShare) return { client: scanner(bought++), address: customers.address(from) };
      if (dice < newShare + sharedShare) return { client: from.pick(services), address: customers.address(from) };
      return scanners[someScanner(from)] ?? from.pick(scanners);
    },
  };
}

function scanner(index: number): Host {
  const ip = lone("device", index);
  return { name: index % 3 === 0 ? "unknown" : `dsl-${ip.replaceAll(".", "-")}.access.example`, ip };
}
