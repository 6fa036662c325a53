import type { Observation, Observations } from "../core/observation.ts";
import { GrowingPortion, keptOf, type Portion, type Run } from "./portion.ts";

/** What a turn takes: runs of what was read, which are not copied. */
export class Taken implements Observations {
  length = 0;
  readonly #runs: Run<Observation>[] = [];
  /** The run that was last looked at: its place among them, which of all it holds, and what those are away from its portion's. */
  #run = 0;
  #from = 0;
  #to = 0;
  #shift = 0;
  #portion: Portion<Observation> = new GrowingPortion();

  add(portion: Portion<Observation>, from: number, to: number): void {
    this.#runs.push({ portion, from, to });
    this.length += to - from;
  }

  at(place: number): Observation | undefined {
    if (place < this.#from || place >= this.#to) {
      if (place < 0 || place >= this.length) return undefined;
      this.#seek(place);
    }
    return this.#portion.at(place + this.#shift);
  }

  [Symbol.iterator](): Iterator<Observation> {
    return keptOf(this.#runs);
  }

  #seek(place: number): void {
    if (place < this.#from) this.#run = this.#from = this.#to = 0;
    let run = this.#runs[this.#run] as Run<Observation>;
    for (; this.#to <= place; this.#run += 1) {
      run = this.#runs[this.#run] as Run<Observation>;
      this.#from = this.#to;
      this.#to += run.to - run.from;
    }
    this.#portion = run.portion;
    this.#shift = run.from - this.#from;
  }
}
