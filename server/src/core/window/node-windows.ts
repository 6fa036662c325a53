import type { EpochMs, Millis, NodeId } from "@mailtide/shared";
import { mergeWindow, noFlow, type OpenWindow, openWindow, type Window } from "./window.ts";

/** The seconds of one node: those still open by their start, and the closed ones that are kept, oldest first. */
export class NodeWindows {
  readonly node: NodeId;
  readonly open = new Map<EpochMs, OpenWindow>();
  recent: Window[] = [];
  /** Windows of zeros are not made before this. */
  sinceMs: EpochMs;
  heardMs = 0;

  constructor(node: NodeId, sinceMs: EpochMs) {
    this.node = node;
    this.sinceMs = sinceMs;
  }

  /** The node was watched at this time. */
  heard(atMs: EpochMs): void {
    this.heardMs = Math.max(this.heardMs, atMs);
  }

  at(startMs: EpochMs): OpenWindow {
    const known = this.open.get(startMs);
    if (known !== undefined) return known;
    if (this.open.size >= mostOpen) for (const newest of [...this.open.values()].slice(-1)) return newest;
    const window = openWindow();
    this.open.set(startMs, window);
    return window;
  }

  /** Moves seconds that begin after `limitMs` into the one at `intoMs`; returns how many lines that were. */
  foldAhead(limitMs: EpochMs, intoMs: EpochMs): number {
    let lines = 0;
    for (const [startMs, window] of this.open) {
      if (startMs <= limitMs) continue;
      this.open.delete(startMs);
      lines += window.counts.lines;
      mergeWindow(this.at(intoMs), window);
    }
    if (lines > 0) this.heardMs = Math.min(this.heardMs, limitMs);
    return lines;
  }

  /** A clock was set back: from there on seconds are closed anew. */
  goBack(beforeMs: EpochMs): void {
    this.recent = this.recent.filter(({ startMs }) => startMs < beforeMs);
    this.sinceMs = Math.min(this.sinceMs, beforeMs);
    this.heardMs = Math.min(this.heardMs, beforeMs);
  }

  close(beforeMs: EpochMs, keepMs: Millis): Window[] {
    const starts: EpochMs[] = [];
    for (const startMs of this.open.keys()) if (startMs < beforeMs) starts.push(startMs);
    const watchedMs = Math.min(beforeMs, this.heardMs + quietMs);
    for (let startMs = Math.max(this.sinceMs, beforeMs - keepMs); startMs < watchedMs; startMs += 1000)
      if (!this.open.has(startMs)) starts.push(startMs);
    if (starts.length > 1) starts.sort((a, b) => a - b);
    const closed = starts.map((startMs): Window => {
      const window = this.open.get(startMs);
      this.open.delete(startMs);
      return { node: this.node, startMs, counts: window?.counts ?? noFlow(), stages: window?.stages ?? null };
    });
    this.sinceMs = Math.max(this.sinceMs, beforeMs);
    for (const window of closed) this.recent.push(window);
    while ((this.recent[0]?.startMs ?? Infinity) < beforeMs - keepMs) this.recent.shift();
    return closed;
  }
}

/** Zeros are believed this long after the last sign that somebody looked. */
const quietMs = 15_000;
/** Only reached when nobody advances the clock. */
const mostOpen = 3_600;
