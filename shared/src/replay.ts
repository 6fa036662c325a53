import type { Sentence } from "./sentence.ts";
import type { EpochMs, Seconds } from "./units.ts";

/** Speeds that a screen offers, in virtual seconds a real one; `max` is as fast as a screen can follow. */
export const replaySpeeds = [1, 10, 60, 300, "max"] as const;
export type ReplaySpeed = number | "max";

/** What a recording is, as far as it is known: changes only when something new is found in it. */
export interface RecordingSection {
  readonly name: string;
  /** True when what was recorded is a simulation. */
  readonly simulated: boolean;
  readonly fromMs: EpochMs;
  /** null until reading it to the end tells. */
  readonly toMs: EpochMs | null;
  /** Oldest first, at most 60; those that found no room are counted. */
  readonly marks: readonly ReplayMark[];
  readonly marksLeftOut: number;
}
export interface ReplayMark {
  /** An incident stands where a screen first showed it, a change where it began. */
  readonly atMs: EpochMs;
  readonly kind: "page" | "ticket" | "change";
  readonly label: Sentence;
}

/** Where a recording stands, the same for every screen. The other sections show it as it was at `meta.nowMs`. */
export interface TransportSection {
  /** Where the slider stands; `meta.nowMs` is the newest kept instant that is not after it. */
  readonly positionMs: EpochMs;
  /** `waiting`: would play, but what follows is not computed yet. */
  readonly play: "playing" | "waiting" | "paused" | "ended";
  readonly speed: ReplaySpeed;
  /** Every instant up to here can be shown at once. */
  readonly computedToMs: EpochMs;
  readonly computing: "running" | "done" | "stopped";
  /** In words, when computing stopped before the end. */
  readonly problem: string | null;
  /** How far kept instants stand apart around the position; 1 but in very long recordings. */
  readonly stepSeconds: Seconds;
}

/** What a person asks of a recording; it moves for everybody. */
export type TransportCommand =
  | { readonly action: "play" }
  | { readonly action: "pause" }
  | { readonly action: "seek"; readonly atMs: EpochMs }
  | { readonly action: "speed"; readonly speed: ReplaySpeed };
