import type { Direction, EpochMs, NodeId } from "@mailtide/shared";
import type { Backoff } from "../backoff.ts";
import type { Breadth } from "./breadth/breadth.ts";
import type { DelayNode } from "./delay-api.ts";
import { ByQueueId } from "./by-queue-id.ts";
import { Departures } from "./departures.ts";
import { compileHops, type Hops } from "./hops.ts";
import { LastAgents } from "./last-agents.ts";
import { LastHops } from "./last-hops.ts";
import { LatelyHops } from "./lately-hops.ts";
import type { Message } from "./message.ts";
import { PendingSplits } from "./pending-splits.ts";
import { QueueBook } from "./queue-book.ts";
import { QueueKeys } from "./queue-key.ts";
import { Unnamed } from "./unnamed.ts";

/** What is known of one node. */
export interface NodeBook {
  readonly id: NodeId;
  readonly hops: Hops;
  readonly latelyHops: LatelyHops;
  readonly ownDomains: ReadonlySet<string>;
  readonly backoff: Backoff;
  readonly endsWithRecipients: boolean;
  /** The site's. */
  readonly breadth: Breadth;
  /** Where messages were tried, for lines that do not say it. */
  readonly lastHops: LastHops;
  /** Which agent failed with a host, for the same. */
  readonly lastAgents: LastAgents;
  readonly splits: PendingSplits;
  readonly messages: ByQueueId;
  readonly keys: QueueKeys<Message>;
  readonly queues: QueueBook;
  /** The id that a server process is receiving, by pid. */
  readonly sessions: Map<number, string>;
  readonly unnamed: Unnamed;
  readonly departures: Departures;
  listedAtMs: EpochMs | null;
}

export function newNodeBook(node: DelayNode, breadth: Breadth): NodeBook {
  const hops = compileHops(node.ownHops);
  const messages = new ByQueueId();
  return {
    id: node.id,
    hops,
    latelyHops: new LatelyHops(hops),
    ownDomains: new Set(node.ownDomains.map((domain) => domain.toLowerCase())),
    backoff: node.backoff,
    breadth,
    endsWithRecipients: node.endsWithRecipients === true,
    lastHops: new LastHops(),
    lastAgents: new LastAgents(),
    splits: new PendingSplits(),
    messages,
    keys: new QueueKeys(messages),
    queues: new QueueBook(),
    sessions: new Map(),
    unnamed: new Unnamed(),
    departures: new Departures(),
    listedAtMs: null,
  };
}

/** From whom and to whom; a recipient that no line has named yet is taken to be on the other side. */
export function directionOf(book: NodeBook, ours: boolean, domain: string): Direction {
  if (!ours) return "in";
  return book.ownDomains.has(domain) ? "internal" : "out";
}
