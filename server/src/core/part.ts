import type { Observation } from "./observation.ts";

/**
 * A piece of the core that remembers. Deterministic: the same observations in the same order give the same `save()`.
 * `restore` is given what `save` returned, possibly by an older version: it refuses a format it does not know by
 * returning false, and then stands empty.
 */
export interface Part {
  readonly name: string;
  readonly format: number;
  apply(observation: Observation): void;
  /** JSON. */
  save(): string;
  restore(saved: SavedPart): boolean;
}
export interface SavedPart {
  readonly format: number;
  readonly text: string;
}
