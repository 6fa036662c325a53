import type { Attribution } from "@mailtide/shared";

interface Whose {
  readonly whose: Attribution;
  /** What waits there for long waits on us: a queue that mail enters once and passes through. */
  readonly isSure: boolean;
}

const sure: Whose = { whose: "own", isSure: true };
/** Mail that is tried again comes here too, as old as it is. */
const passing: Whose = { whose: "own", isSure: false };
const held: Whose = { whose: "held", isSure: false };
const unsaid: Whose = { whose: "unknown", isSure: false };

const queues: ReadonlyMap<string, Whose> = new Map([
  ["maildrop", sure],
  ["incoming", sure],
  ["ready", passing],
  ["active", passing],
  ["hold", held],
  ["corrupt", held],
  ["frozen", held],
]);

/** Whose wait a queue is by its name alone. Who waits where mail is tried again, no count tells. */
export const whoseQueue = (name: string): Whose => queues.get(name) ?? unsaid;
