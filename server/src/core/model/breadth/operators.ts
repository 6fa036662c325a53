import { detach } from "../../text/detach.ts";
import { parseAddress } from "../address.ts";
import type { Hop } from "../hops.ts";

/** More are forgotten all at once: a far side chooses its names. */
const mostNames = 20_000;

/**
 * Who runs the far side. One operator serves many domains: it is told by its mail servers' names, or by the address where
 * only that is known. A look-up that failed names no server: then what served the domain before says it.
 */
export class Operators {
  readonly #byHost = new Map<string, string>();
  /** Recipient domain -> the operator that answered for it last. */
  readonly byDomain = new Map<string, string>();

  of(hop: Hop, domain: string, isLookup: boolean): string {
    if (isLookup || (hop.host === null && hop.ip === null))
      return this.byDomain.get(domain) ?? this.#named(hop.host ?? domain);
    return (hop.operator ??= this.#named(hop.host ?? hop.ip ?? domain));
  }

  /** It answered for the domain. */
  learn(domain: string, operator: string): void {
    if (domain === "" || this.byDomain.get(domain) === operator) return;
    if (this.byDomain.size >= mostNames) this.byDomain.clear();
    this.byDomain.set(detach(domain), operator);
  }

  #named(host: string): string {
    const known = this.#byHost.get(host);
    if (known !== undefined) return known;
    if (this.#byHost.size >= mostNames) this.#byHost.clear();
    const operator = detach(organisation(host));
    this.#byHost.set(detach(host), operator);
    return operator;
  }
}

/** `mx3.mail.far.example` -> `far.example`, `mx.far.co.za` -> `far.co.za`; an address is its own. */
export function organisation(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (parseAddress(name) !== null) return name;
  const labels = name.split(".");
  const top = labels.at(-1) ?? "";
  const second = labels.at(-2) ?? "";
  // Countries have second levels of their own: co.uk, com.au, or.jp.
  const kept = top.length === 2 && second.length <= 3 ? 3 : 2;
  return labels.slice(-kept).join(".");
}
