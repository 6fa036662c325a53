import type { NodeId } from "@mailtide/shared";
import type { Breadth } from "./breadth/breadth.ts";
import type { NodeBook } from "./node-book.ts";
import type { Ledger } from "./ledger.ts";
import type { Messages } from "./messages.ts";
import type { OwnProbes } from "./own-probes.ts";
import type { Tracker } from "./tracker.ts";
import type { CompletenessBook } from "./completeness.ts";
import type { Course } from "./course.ts";
import type { Movement } from "./expected.ts";

/** Everything that the delay model remembers. */
export interface ModelState {
  readonly books: ReadonlyMap<NodeId, NodeBook>;
  readonly ledger: Ledger;
  readonly messages: Messages;
  readonly probes: OwnProbes;
  readonly tracker: Tracker;
  readonly breadth: Breadth;
  readonly completeness: CompletenessBook;
  readonly course: Course;
  readonly movement: Movement;
}
