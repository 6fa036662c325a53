import type { EpochMs, NodeId } from "@mailtide/shared";
import type { Observation } from "../../core/observation.ts";
import type { CollectorContext } from "../collector.ts";
import type { Epoch, Epochs } from "./epochs.ts";

/** Facts on their way into the pipeline, with the number up to which they stand. */
export class OpenBatch {
  readonly epoch: Epoch;
  readonly #context: CollectorContext;
  readonly #epochs: Epochs;
  readonly #committed: () => void;
  #observations: Observation[] = [];
  /** Of the last record that was begun. */
  seq: number;
  #lostLines: number;

  constructor(context: CollectorContext, epochs: Epochs, epoch: Epoch, committed: () => void) {
    this.#context = context;
    this.#epochs = epochs;
    this.epoch = epoch;
    this.#committed = committed;
    this.seq = epoch.received;
    this.#lostLines = epoch.lostLines;
  }

  get facts(): number {
    return this.#observations.length;
  }

  add(observation: Observation): void {
    this.#observations.push(observation);
  }

  /** Moves on to a record; numbers that are left out are facts that are gone, at least one line. */
  step(seq: number, lostLines: number, nowMs: EpochMs, node: NodeId): void {
    const told = lostLines - this.#lostLines;
    const lines = told > 0 ? told : seq > this.seq + 1 ? 1 : 0;
    if (lines > 0) this.add({ kind: "loss", node, atMs: nowMs, lines, because: "dropped" });
    this.#lostLines = Math.max(lostLines, this.#lostLines);
    this.seq = seq;
  }

  /** Hands over what came before a record that is not complete yet. */
  sendBefore(seq: number): Promise<void> {
    return this.#hand(seq - 1);
  }

  send(): Promise<void> {
    return this.#hand(this.seq);
  }

  async #hand(seq: number): Promise<void> {
    const { epoch } = this;
    const observations = this.#observations;
    const moved = seq > epoch.received || this.#lostLines !== epoch.lostLines;
    if (!moved && observations.length === 0) return;
    this.#observations = [];
    const lostLines = this.#lostLines;
    if (!moved) return this.#context.sink({ observations });
    await this.#context.sink({
      observations,
      position: this.#epochs.position(epoch.epoch, seq, lostLines),
      committed: () => {
        epoch.committed = Math.max(epoch.committed, seq);
        this.#committed();
      },
    });
    epoch.received = seq;
    epoch.lostLines = lostLines;
  }
}
