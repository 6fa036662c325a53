import type { Direction, EpochMs, NodeId } from "@mailtide/shared";

/** A message and one recipient, said once as soon as the lines that name both have been seen. */
export interface MessageFact {
  readonly node: NodeId;
  readonly atMs: EpochMs;
  /** null for mail that was born on the node (pickup, bounces). */
  readonly clientIp: string | null;
  readonly authenticated: boolean;
  readonly direction: Direction;
  /** "" for the null sender. */
  readonly sender: string;
  readonly recipient: string;
  /** The recipient's domain is one of ours. */
  readonly hosted: boolean;
  /** A bounce that we made ourselves. */
  readonly ownBounce: boolean;
}
