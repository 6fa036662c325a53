import { detachWhole } from "../../text/detach.ts";
import { parseAddress } from "../address.ts";
import type { Hop } from "../hops.ts";
import type { Operator } from "./operator.ts";

/** More are forgotten all at once: a far side chooses its names. */
const mostNames = 20_000;

/**
 * Who runs the far side. One operator serves many domains: it is told by its mail servers' names, or by the address where
 * only that is known. A look-up that failed names no server: then what served the domain before says it.
 */
export class Operators {
  readonly #byHost = new Map<string, Operator>();
  readonly #byName = new Map<string, Operator>();
  /** Recipient domain -> the operator that answered for it last. */
  readonly byDomain = new Map<string, string>();

  of(hop: Hop, domain: string, isLookup: boolean): Operator {
    if (isLookup || (hop.host === null && hop.ip === null)) {
      const before = this.byDomain.get(domain);
      return before === undefined ? this.#ofHost(hop.host ?? domain) : this.#named(before);
    }
    return (hop.operator ??= this.#ofHost(hop.host ?? hop.ip ?? domain));
  }

  /** It answered for the domain. */
  learn(domain: string, { name }: Operator): void {
    if (domain === "" || this.byDomain.get(domain) === name) return;
    if (this.byDomain.size >= mostNames) this.byDomain.clear();
    this.byDomain.set(domain, name);
  }

  #ofHost(host: string): Operator {
    const known = this.#byHost.get(host);
    if (known !== undefined) return known;
    if (this.#byHost.size >= mostNames) this.#byHost.clear();
    const operator = this.#named(organisation(host));
    this.#byHost.set(detachWhole(host), operator);
    return operator;
  }

  #named(name: string): Operator {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#byName.size >= mostNames) this.#byName.clear();
    const operator: Operator = { name: detachWhole(name), answeredIn: null, counted: [] };
    this.#byName.set(operator.name, operator);
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
