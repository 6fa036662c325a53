import type { EpochMs, Millis, NodeId, PerSecond, Seconds, StageSection } from "@mailtide/shared";
import type { Observation } from "../observation.ts";
import type { Part, SavedPart } from "../part.ts";
import { type HostFlows, hostFlowsOf } from "./host-flows.ts";
import { type Loss, LossMeter } from "./loss.ts";
import { NodeWindows } from "./node-windows.ts";
import { packWindow, unpackWindow, type PackedWindow } from "./pack.ts";
import { RecentStages } from "./recent-stages.ts";
import { addFlow, countEvent, type FlowCounts, flowFields, noFlow, type OpenWindow, type Window } from "./window.ts";

export interface WindowOptions {
  /** How long a second stays open for lines that come late. */
  readonly watermarkMs?: Millis;
  /** How long closed windows stay in memory. */
  readonly keepMs?: Millis;
}

/** Mail per second over the last minute of closed windows. */
export type FlowRates = Readonly<Record<keyof FlowCounts, PerSecond>>;

/**
 * One-second windows of every node, by the time that the lines state.
 *
 * A second closes when `advance` is told that the watermark has passed. A line for a closed second is counted in `late`
 * and goes to the oldest open one, so that no line is ever missing from the sum. A second without lines is a window of
 * zeros only while the node is known to be watched; silence of a collector is not a measured zero.
 */
export class Windows implements Part {
  readonly name = "windows";
  readonly format = 1;
  readonly #watermarkMs: Millis;
  readonly #keepMs: Millis;
  readonly #nodes = new Map<NodeId, NodeWindows>();
  #stages = new RecentStages();
  #loss = new LossMeter();
  /** Where the line before belonged, until a window closes. */
  #lastNode: NodeId | null = null;
  #lastMs: EpochMs = 0;
  #lastWindow: OpenWindow | null = null;
  /** Seconds that begin before this are closed. */
  #closedBeforeMs = -Infinity;
  #late = 0;
  #ahead = 0;
  #refused = 0;

  constructor({ watermarkMs = 2_000, keepMs = 15 * 60_000 }: WindowOptions = {}) {
    this.#watermarkMs = watermarkMs;
    this.#keepMs = keepMs;
  }

  /** Lines that came after their second had closed; lines stamped in the future; observations of nodes over the bound. */
  get counters(): { readonly late: number; readonly ahead: number; readonly refused: number } {
    return { late: this.#late, ahead: this.#ahead, refused: this.#refused };
  }

  apply(observation: Observation): void {
    if (observation.kind === "log") {
      const window = this.#windowAt(observation.node, observation.atMs);
      if (window === null) return;
      countEvent(window, observation.event);
    } else if (observation.kind === "loss") {
      const window = this.#windowAt(observation.node, observation.atMs);
      if (window !== null) window.counts.lost += observation.lines;
    } else if (observation.kind === "health" && observation.node !== null && observation.state === "ok") {
      this.#nodes.get(observation.node)?.heard(observation.atMs);
    }
  }

  /**
   * Closes what the watermark has passed; ascending by time, then node. Time that steps back closes nothing; by more than a
   * minute a clock was set back: seconds are closed again from there, else all would be late until that hour comes again.
   */
  advance(nowMs: EpochMs): Window[] {
    const beforeMs = secondOf(nowMs - this.#watermarkMs);
    if (beforeMs < this.#closedBeforeMs - setBackMs) this.#goBack(beforeMs);
    if (beforeMs <= this.#closedBeforeMs) return [];
    this.#lastNode = null;
    const closed: Window[] = [];
    for (const node of this.#nodes.values()) {
      this.#ahead += node.foldAhead(nowMs + aheadMs, secondOf(nowMs));
      closed.push(...node.close(beforeMs, this.#keepMs));
    }
    if (!closed.every((window, at) => isBehind(window, closed[at - 1])))
      closed.sort((a, b) => (isBehind(a, b) ? 1 : -1));
    this.#closedBeforeMs = beforeMs;
    for (const window of closed) {
      this.#stages.add(window);
      this.#loss.add(window.startMs, window.counts.lines, window.counts.lost);
    }
    this.#stages.forget(beforeMs - fiveMinutesMs);
    return closed;
  }

  /** Closed windows in memory, oldest first. */
  recent(node: NodeId): readonly Window[] {
    return this.#nodes.get(node)?.recent ?? [];
  }

  /** Closed windows of the last `seconds`, of one node or all, added up. */
  sum(nowMs: EpochMs, seconds: Seconds, node?: NodeId): FlowCounts {
    const total = noFlow();
    const fromMs = nowMs - this.#watermarkMs - seconds * 1000;
    for (const [id, windows] of this.#nodes) {
      if (node !== undefined && id !== node) continue;
      for (let at = windows.recent.length - 1; at >= 0; at -= 1) {
        const window = windows.recent[at];
        if (window === undefined || window.startMs < fromMs) break;
        addFlow(total, window.counts);
      }
    }
    return total;
  }

  rates(nowMs: EpochMs, node?: NodeId): FlowRates {
    const total = this.sum(nowMs, 60, node);
    for (const field of flowFields) total[field] /= 60;
    return total;
  }

  /** Median and 95 % delay of each stage over the last five minutes of deliveries, all nodes. */
  stages(): StageSection {
    return this.#stages.section();
  }

  /** What one node did lately. */
  host(node: NodeId, nowMs: EpochMs): HostFlows {
    return hostFlowsOf(this.recent(node), nowMs - this.#watermarkMs);
  }

  /** Lines lost over the last hour, all nodes. */
  loss(nowMs: EpochMs): Loss {
    return this.#loss.over(nowMs);
  }

  save(): string {
    const saved: Saved = {
      closedBeforeMs: Number.isFinite(this.#closedBeforeMs) ? this.#closedBeforeMs : null,
      counters: [this.#late, this.#ahead, this.#refused],
      loss: this.#loss.save(),
      nodes: [...this.#nodes].map(([id, node]) => ({
        id,
        sinceMs: node.sinceMs,
        heardMs: node.heardMs,
        open: [...node.open].map(([startMs, window]) => packWindow({ node: id, startMs, ...window })),
        recent: node.recent.map(packWindow),
      })),
    };
    return JSON.stringify(saved);
  }

  restore(saved: SavedPart): boolean {
    this.#clear();
    if (saved.format !== this.format) return false;
    const state = JSON.parse(saved.text) as Saved;
    this.#closedBeforeMs = state.closedBeforeMs ?? -Infinity;
    [this.#late, this.#ahead, this.#refused] = state.counters;
    this.#loss.restore(state.loss);
    const recent: Window[] = [];
    for (const { id, sinceMs, heardMs, open, recent: closed } of state.nodes) {
      const node = new NodeWindows(id, sinceMs);
      node.heard(heardMs);
      for (const packed of open) {
        const { startMs, counts, stages } = unpackWindow(id, packed);
        node.open.set(startMs, { counts: { ...counts }, stages });
      }
      node.recent = closed.map((packed) => unpackWindow(id, packed));
      recent.push(...node.recent);
      this.#nodes.set(id, node);
    }
    this.#addStages(recent);
    return true;
  }

  #windowAt(id: NodeId, atMs: EpochMs): ReturnType<NodeWindows["at"]> | null {
    let startMs = secondOf(atMs);
    if (startMs < this.#closedBeforeMs) {
      startMs = this.#closedBeforeMs;
      this.#late += 1;
    }
    // Nearly every line belongs where the one before it did.
    if (startMs === this.#lastMs && id === this.#lastNode) return this.#lastWindow;
    let node = this.#nodes.get(id);
    if (node === undefined) {
      // Node ids come from the configuration; this only keeps a mistaken agent from filling the memory.
      if (this.#nodes.size >= mostNodes) {
        this.#refused += 1;
        return null;
      }
      node = new NodeWindows(id, startMs);
      this.#nodes.set(id, node);
    }
    node.heard(startMs);
    const window = node.at(startMs);
    this.#lastNode = id;
    this.#lastMs = startMs;
    this.#lastWindow = window;
    return window;
  }

  /** What is kept of seconds that are to come again is forgotten; that it was told outside stays. */
  #goBack(beforeMs: EpochMs): void {
    this.#lastNode = null;
    this.#closedBeforeMs = beforeMs;
    this.#loss.goBack(beforeMs);
    for (const node of this.#nodes.values()) node.goBack(beforeMs);
    this.#stages = new RecentStages();
    this.#addStages([...this.#nodes.values()].flatMap(({ recent }) => recent));
  }

  #addStages(recent: readonly Window[]): void {
    for (const window of recent.toSorted((a, b) => a.startMs - b.startMs)) this.#stages.add(window);
    this.#stages.forget(this.#closedBeforeMs - fiveMinutesMs);
  }

  #clear(): void {
    this.#lastNode = null;
    this.#nodes.clear();
    this.#stages = new RecentStages();
    this.#loss = new LossMeter();
    this.#closedBeforeMs = -Infinity;
    this.#late = this.#ahead = this.#refused = 0;
  }
}

interface Saved {
  readonly closedBeforeMs: EpochMs | null;
  readonly counters: [number, number, number];
  readonly loss: number[][];
  readonly nodes: readonly {
    readonly id: NodeId;
    readonly sinceMs: EpochMs;
    readonly heardMs: EpochMs;
    readonly open: readonly PackedWindow[];
    readonly recent: readonly PackedWindow[];
  }[];
}

/** By time, then node. */
const isBehind = (window: Window, other: Window | undefined): boolean =>
  other === undefined ||
  window.startMs > other.startMs ||
  (window.startMs === other.startMs && window.node >= other.node);
const secondOf = (atMs: EpochMs): EpochMs => Math.floor(atMs / 1000) * 1000;
const fiveMinutesMs = 5 * 60_000;
/** By less it is waited until the time is reached again. */
const setBackMs = 60_000;
/** A clock that is a little fast is normal; further ahead it is wrong. */
const aheadMs = 5_000;
const mostNodes = 1_000;
