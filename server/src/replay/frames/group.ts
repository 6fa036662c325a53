import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { EpochMs, LiveState, Seconds, SectionName } from "@mailtide/shared";

/** Consecutive states as they are kept: the first whole, of each further one the sections that changed, deflated together. */
export interface Group {
  readonly fromMs: EpochMs;
  readonly lastMs: EpochMs;
  /** How far its states stand apart. */
  readonly stepSeconds: Seconds;
  readonly body: Uint8Array;
}

/** A minute of a recording at full resolution: small enough to be opened for one instant, long enough to deflate well. */
const statesPerGroup = 60;

/** Makes groups of a stream of states in time order. */
export class GroupEncoder {
  /** For the groups that begin from now on. */
  stepSeconds: Seconds = 1;
  readonly #sections = new Map<SectionName, { readonly value: unknown; readonly text: string }>();
  #lines: string[] = [];
  #groupStepSeconds: Seconds = 1;
  #fromMs: EpochMs = 0;
  #lastMs: EpochMs | null = null;
  #newest: LiveState | null = null;
  // A screen can show the first instant at once instead of after a minute's computing.
  #wanted = 1;

  /** Takes the next state; gives a group when one became full. Of several states of one instant the last is kept. */
  add(state: LiveState): Group | null {
    const before = this.#newest;
    this.#newest = state;
    return before === null || before.meta.nowMs === state.meta.nowMs ? null : this.#keep(before);
  }

  /** What is left at the end. */
  end(): Group | null {
    const full = this.#newest === null ? null : this.#keep(this.#newest);
    this.#newest = null;
    return full ?? (this.#lines.length === 0 ? null : this.#close());
  }

  #keep(state: LiveState): Group | null {
    const { nowMs } = state.meta;
    if (this.#lines.length === 0) {
      this.#sections.clear();
      this.#groupStepSeconds = this.stepSeconds;
    }
    if (this.#lastMs !== null && nowMs - this.#lastMs < this.#groupStepSeconds * 1000) return null;
    if (this.#lines.length === 0) this.#fromMs = nowMs;
    this.#lines.push(this.#changesOf(state));
    this.#lastMs = nowMs;
    return this.#lines.length < this.#wanted ? null : this.#close();
  }

  #changesOf(state: LiveState): string {
    const changed: string[] = [];
    for (const [name, value] of Object.entries(state) as [SectionName, unknown][]) {
      const before = this.#sections.get(name);
      if (before?.value === value) continue;
      const text = JSON.stringify(value);
      this.#sections.set(name, { value, text });
      if (before?.text !== text) changed.push(`${JSON.stringify(name)}:${text}`);
    }
    return `{${changed.join()}}`;
  }

  #close(): Group {
    const body = deflateRawSync(this.#lines.join("\n"));
    const group = { fromMs: this.#fromMs, lastMs: this.#lastMs ?? 0, stepSeconds: this.#groupStepSeconds, body };
    this.#lines = [];
    this.#wanted = statesPerGroup;
    return group;
  }
}

/** An opened group; states are parsed as far as they are asked for. Unchanged sections stay the same objects. */
export class OpenGroup {
  readonly #lines: string[];
  readonly #states: LiveState[] = [];

  constructor(body: Uint8Array) {
    this.#lines = inflateRawSync(body).toString("utf8").split("\n");
  }

  /** The newest state that is not after the instant; the first one for an earlier instant. */
  at(instantMs: EpochMs): LiveState {
    let found = this.#state(0);
    for (let index = 1; index < this.#lines.length; index++) {
      const next = this.#state(index);
      if (next.meta.nowMs > instantMs) break;
      found = next;
    }
    return found;
  }

  #state(index: number): LiveState {
    const known = this.#states[index];
    if (known !== undefined) return known;
    const made = { ...this.#states[index - 1], ...(JSON.parse(this.#lines[index] ?? "{}") as LiveState) };
    this.#states[index] = made;
    return made;
  }
}
