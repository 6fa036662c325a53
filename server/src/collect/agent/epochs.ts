import { z } from "zod";

/** How far the records of each spool of a node have come. */
export interface Epoch {
  readonly epoch: string;
  /** Handed to the pipeline. */
  received: number;
  /** Durable. */
  committed: number;
  /** Log lines that the agent said are lost, of those told so far. */
  lostLines: number;
  /** The process whose records were received last; undefined where nobody knows. */
  by: string | undefined;
}

const saved = z.object({
  epochs: z.array(
    z.object({ epoch: z.string(), seq: z.int().min(0), lostLines: z.int().min(0), by: z.string().exactOptional() }),
  ),
});

/** A host that is set up anew begins another spool; so many are remembered. */
const mostEpochs = 8;

/** Where a node's agents stand. Its position is committed with the facts. */
export class Epochs {
  /** The newest last. */
  #epochs: Epoch[] = [];

  constructor(position: unknown) {
    const parsed = saved.safeParse(position);
    if (!parsed.success) return;
    this.#epochs = parsed.data.epochs.map(({ epoch, seq, lostLines, by }) => ({
      epoch,
      received: seq,
      committed: seq,
      lostLines,
      by,
    }));
  }

  find(epoch: string): Epoch | null {
    return this.#epochs.find((each) => each.epoch === epoch) ?? null;
  }

  /** The spool begins behind `after`, as far as this server can know. */
  begin(epoch: string, after: number): Epoch {
    const begun: Epoch = { epoch, received: after, committed: after, lostLines: 0, by: undefined };
    this.#epochs = [...this.#epochs, begun].slice(-mostEpochs);
    return begun;
  }

  /** JSON; stands for everything received so far, with `epoch` at `seq`. */
  position(epoch: string, seq: number, lostLines: number): unknown {
    const epochs = this.#epochs.map((each) => ({
      epoch: each.epoch,
      ...(each.epoch === epoch ? { seq, lostLines } : { seq: each.received, lostLines: each.lostLines }),
      ...(each.by === undefined ? {} : { by: each.by }),
    }));
    return { epochs };
  }
}
