/** A mail as it is sent to the real Postfix and to the simulated one. */
export interface Arrival {
  readonly clientIp: string;
  readonly from: string;
  readonly to: readonly string[];
  /** What happens to it before acceptance. */
  readonly refuse: "unknown-user" | "by-hand" | "look-up" | null;
  /** What the content filter says. */
  readonly filter: "clean" | "hostile" | "gave up";
}

/** What the far side does for a domain. */
export const farSides = ["fine", "grey", "full", "throttled", "closed"] as const;
export type FarSide = (typeof farSides)[number];
export const domainOf = (side: FarSide): string => `${side}.test`;

export const refusedClient = "45.9.9.9";

/** The same small mail, in the same order, for both. */
export function* arrivals(count: number): Generator<Arrival> {
  for (let index = 0; index < count; index++) {
    const side = farSides[Math.floor(index / 2) % (2 * farSides.length)] ?? "fine";
    const plain: Arrival = {
      clientIp: `45.1.${index % 7}.${1 + (index % 200)}`,
      from: `s${index}@fine.test`,
      to: [`r${index}@${domainOf(side)}`],
      refuse: null,
      filter: "clean",
    };
    yield { ...plain, ...variant(index) };
  }
}

function variant(index: number): Partial<Arrival> {
  switch (index % 20) {
    case 3:
      return { to: [`nobody${index}@fine.test`], refuse: "unknown-user" };
    case 5:
      return { clientIp: refusedClient, refuse: "by-hand" };
    case 7:
      return { filter: "hostile", to: [`r${index}@fine.test`] };
    case 9:
      return { filter: "gave up", to: [`r${index}@fine.test`] };
    case 11:
      return { to: [`a${index}@fine.test`, `b${index}@fine.test`, `c${index}@grey.test`] };
    case 13:
      return { to: [`nobody${index}@fine.test`], refuse: "look-up" };
    default:
      return {};
  }
}
