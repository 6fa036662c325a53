import type { CollectorId, EpochMs, Millis, NodeId, Seconds } from "@mailtide/shared";
import type { LossObservation } from "../../core/observation.ts";
import type { CollectorContext } from "../collector.ts";
import { createSlicer, inSlices } from "../../loop/slice.ts";
import { OpenBatch } from "./batch.ts";
import { type Epoch, Epochs } from "./epochs.ts";
import { AgentHealth } from "./health.ts";
import { asSeenHere, type Clock, clockOf } from "./instants.ts";
import { Listings } from "./listings.ts";
import { BadFrame, type ReadRecord, readRecord } from "./records.ts";
import { Runs, type Twins } from "./runs.ts";
import type { Answer, Header } from "./wire.ts";

export interface AgentNodeOptions {
  readonly id: CollectorId;
  readonly node: NodeId;
  readonly required: boolean;
  readonly limitSeconds: Seconds;
}
export type Taken = Pick<Answer, "taken" | "received" | "committed" | "by" | "wanted" | "refused">;

/** From here on the times in a host's log are wrong enough to make delays wrong: the node fails. */
export const worstOffsetMs = 60_000;
const factsPerBatch = 5_000;
const settleMs = 10_000;
/** An agent that is refused tries again after a minute and a half at the latest. */
const knocksAgainWithinMs = 120_000;
const sayAgainMs = 5_000;

/** One node's agent as this server knows it. One body at a time. */
export class AgentNode {
  readonly #options: AgentNodeOptions;
  readonly #context: CollectorContext;
  readonly #epochs: Epochs;
  readonly #runs = new Runs();
  readonly #health: AgentHealth;
  readonly #listings: Listings;
  #committedWaiters: (() => void)[] = [];
  /** Until when it may be silent before that is said. */
  #silentAfterMs: EpochMs = -Infinity;
  #takenMs: EpochMs;
  #turnedAwayMs: EpochMs = -Infinity;
  /** What it was told to be failing of when it last spoke. */
  #ails: string | null = null;

  constructor(options: AgentNodeOptions, context: CollectorContext) {
    this.#options = options;
    this.#context = context;
    this.#takenMs = context.now();
    this.#epochs = new Epochs(context.position);
    this.#health = new AgentHealth(options.node);
    this.#listings = new Listings(options.node, context);
  }

  /** `from`: the address that it comes from. Throws BadFrame. */
  async take(head: Header, lines: Iterable<string>, from: string): Promise<Taken> {
    const nowMs = this.#context.now();
    const twins = this.#runs.note(head.run, nowMs, from);
    this.#takenMs = nowMs;
    const epoch = this.#epochs.find(head.epoch) ?? this.#epochs.begin(head.epoch, head.after);
    const clock = clockOf(head.clock?.offsetMs ?? 0, nowMs);
    if (head.after !== epoch.received) {
      await this.#context.sink({ observations: this.#ownHealth(head, clock, twins) });
      return this.#answer(epoch, { taken: false });
    }
    const wanted: Record<string, string[]> = {};
    const batch = new OpenBatch(this.#context, this.#epochs, epoch, () => this.#committed());
    const slice = createSlicer();
    let refused = 0;
    for (const line of lines) {
      const record = await inSlices(readRecord(line));
      if (record.seq <= batch.seq) throw new BadFrame("unordered", "The records' numbers must grow.");
      epoch.by = head.run;
      batch.step(record.seq, head.lostLines, nowMs, this.#options.node);
      refused += record.refused;
      await this.#addFacts(record, clock, batch, wanted);
      if (record.refused > 0) batch.add(this.#loss(nowMs, record.refused, "unreadable"));
      if (batch.facts >= factsPerBatch) await batch.send();
      const pause = slice();
      if (pause !== undefined) await pause;
    }
    batch.step(batch.seq, head.lostLines, nowMs, this.#options.node);
    for (const health of this.#health.news(head, clock)) batch.add(health);
    for (const health of this.#ownHealth(head, clock, twins)) batch.add(health);
    await batch.send();
    return this.#answer(epoch, { wanted, refused });
  }

  /** Something spoke with this node's token and could not be understood. */
  refused(problem: string): void {
    this.#heard(problem, this.#options.limitSeconds * 1000);
    this.#health.forget(this.#options.id);
    this.#context.health("failing", problem);
  }

  /** Somebody came with a token that was this node's once. While another speaks with a good one, nothing is missing. */
  turnedAway(problem: string): void {
    const nowMs = this.#context.now();
    if (nowMs - this.#takenMs <= this.#options.limitSeconds * 1000 || nowMs - this.#turnedAwayMs < sayAgainMs) return;
    this.#turnedAwayMs = nowMs;
    this.#heard(problem, knocksAgainWithinMs);
    this.#health.forget(this.#options.id);
    this.#context.health("failing", problem);
  }

  /** From time to time: who was failing and then fell silent is told to be silent, for nothing else would tell. */
  look(): void {
    const { id, limitSeconds } = this.#options;
    if (this.#ails === null || this.#context.now() <= this.#silentAfterMs) return;
    this.#health.forget(id);
    this.#context.health("failing", `nothing has come for more than ${limitSeconds} s; before that: ${this.#ails}`);
    this.#ails = null;
  }

  #heard(problem: string | null, mayBeSilentMs: Millis): void {
    this.#silentAfterMs = this.#context.now() + mayBeSilentMs;
    this.#ails = problem;
  }

  async #addFacts(record: ReadRecord, clock: Clock, batch: OpenBatch, wanted: Record<string, string[]>): Promise<void> {
    const listing = record.observations.some(({ kind }) => kind === "queue");
    if (listing) await batch.sendBefore(record.seq);
    // The model must have heard of what the log said before the listing.
    const comparable = listing && (await this.#settled(batch.epoch));
    for (const sent of record.observations) {
      const observation = asSeenHere(sent, this.#options.node, clock);
      if (observation.kind !== "queue" || sent.kind !== "queue") {
        batch.add(observation);
        continue;
      }
      const listed = comparable ? record.listed : undefined;
      const onItsClock = { ...sent, node: this.#options.node };
      const { wanted: ids, ...difference } = await this.#listings.compare(record.collector, onItsClock, listed);
      if (ids.length > 0) wanted[record.collector] = ids;
      batch.add({ ...observation, ...difference });
    }
  }

  #ownHealth({ clock: measured, behindSinceMs, probes }: Header, clock: Clock, twins: Twins | null) {
    const { id: collector, node, required, limitSeconds } = this.#options;
    const problem = clockProblem(measured?.offsetMs ?? 0);
    this.#heard(problem, limitSeconds * 1000);
    return this.#health.passOn({
      kind: "health",
      atMs: behindSinceMs === null ? this.#context.now() : clock(behindSinceMs),
      collector,
      node,
      required,
      limitSeconds,
      state: problem === null ? "ok" : "failing",
      problem,
      ...(probes === undefined ? {} : { probes }),
      ...(twins === null ? {} : { twinsSinceMs: twins.sinceMs, twinsFrom: twins.from }),
    });
  }

  #loss(atMs: EpochMs, lines: number, because: LossObservation["because"]): LossObservation {
    return { kind: "loss", node: this.#options.node, atMs, lines, because };
  }

  #answer(epoch: Epoch, more: Partial<Taken>): Taken {
    return {
      taken: true,
      received: epoch.received,
      committed: epoch.committed,
      ...(epoch.by === undefined ? {} : { by: epoch.by }),
      wanted: {},
      refused: 0,
      ...more,
    };
  }

  /** Everything handed over is durable, and so is in the model. */
  async #settled(epoch: Epoch): Promise<boolean> {
    const deadlineMs = performance.now() + settleMs;
    while (epoch.committed < epoch.received) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) return false;
      await this.#nextCommit(leftMs);
    }
    return true;
  }

  #nextCommit(withinMs: Millis): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#committedWaiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #committed(): void {
    const waiters = this.#committedWaiters;
    this.#committedWaiters = [];
    for (const tell of waiters) tell();
  }
}

function clockProblem(offsetMs: Millis): string | null {
  if (Math.abs(offsetMs) < worstOffsetMs) return null;
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return `its clock is ${seconds} s ${offsetMs < 0 ? "ahead of" : "behind"} this server's, and so are the times in its log: let both follow NTP`;
}
