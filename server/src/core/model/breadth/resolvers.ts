import type { ProbeObservation } from "../../observation.ts";

/** One failed probe may be chance. */
const inARow = 2;
const mostResolvers = 100;

/** Which of our resolvers fail, by their probes: a look-up that fails meanwhile is ours, whoever it asked for. */
export class Resolvers {
  readonly #failures = new Map<string, number>();

  apply({ type, id, ok }: ProbeObservation): void {
    if (type !== "dns") return;
    if (ok) this.#failures.delete(id);
    else if (this.#failures.has(id) || this.#failures.size < mostResolvers)
      this.#failures.set(id, (this.#failures.get(id) ?? 0) + 1);
  }

  get isFailing(): boolean {
    for (const failures of this.#failures.values()) if (failures >= inARow) return true;
    return false;
  }

  save(): [string, number][] {
    return [...this.#failures];
  }

  restore(saved: readonly (readonly [string, number])[]): void {
    this.#failures.clear();
    for (const [id, failures] of saved) this.#failures.set(id, failures);
  }
}
