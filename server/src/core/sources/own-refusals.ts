import type { EpochMs, NodeId, RefusalFault } from "@mailtide/shared";

/** What was refused in one second. */
interface Second {
  readonly second: number;
  /** `fault node` -> how many. Nodes are configured, so they are few. */
  readonly counts: Map<string, number>;
}

export interface Refused {
  readonly count: number;
  readonly fault: RefusalFault;
  /** Where nearly all were. */
  readonly node: NodeId | null;
}

const keptSeconds = 120;
const nearlyAll = 0.9;
/** A mistaken agent must not fill the memory. */
const mostKeys = 1_000;

/** What we refused for now for faults of our own, over the last minute by second. */
export class OwnRefusals {
  #seconds: Second[] = [];

  add(fault: RefusalFault, node: NodeId, atMs: EpochMs, times: number): void {
    const second = Math.floor(atMs / 1_000);
    let last = this.#seconds.at(-1);
    if (last === undefined || second > last.second) {
      last = { second, counts: new Map() };
      this.#seconds.push(last);
      if (this.#seconds.length > keptSeconds) this.#seconds.shift();
    }
    const key = `${fault} ${node}`;
    const count = last.counts.get(key);
    if (count !== undefined || last.counts.size < mostKeys) last.counts.set(key, (count ?? 0) + times);
  }

  /** Over the sixty whole seconds before `nowMs`; null when nothing was. */
  lately(nowMs: EpochMs): Refused | null {
    const to = Math.floor(nowMs / 1_000);
    while ((this.#seconds[0]?.second ?? Infinity) < to - 60) this.#seconds.shift();
    if (this.#seconds.length === 0) return null;
    const faults = new Map<string, number>();
    const nodes = new Map<string, number>();
    let count = 0;
    for (const { second, counts } of this.#seconds) {
      if (second >= to) continue;
      for (const [key, times] of counts) {
        const [fault, node] = split(key);
        count += times;
        faults.set(fault, (faults.get(fault) ?? 0) + times);
        nodes.set(node, (nodes.get(node) ?? 0) + times);
      }
    }
    if (count === 0) return null;
    const [fault] = most(faults);
    const [node, there] = most(nodes);
    return { count, fault: fault as RefusalFault, node: there >= nearlyAll * count ? (node as NodeId) : null };
  }

  save(): unknown {
    return this.#seconds.map(({ second, counts }) => [second, [...counts]]);
  }

  /** What an older program saved has none. */
  restore(saved: unknown): void {
    this.#seconds = ((saved ?? []) as [number, [string, number][]][]).map(([second, counts]) => ({
      second,
      counts: new Map(counts),
    }));
  }
}

const split = (key: string): [string, string] => {
  const at = key.indexOf(" ");
  return [key.slice(0, at), key.slice(at + 1)];
};

function most(counts: ReadonlyMap<string, number>): [string, number] {
  let best: [string, number] = ["", 0];
  for (const [key, count] of counts) if (count > best[1]) best = [key, count];
  return best;
}
