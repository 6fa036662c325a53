import type { Attribution, Direction, EpochMs, Millis, NodeId } from "@mailtide/shared";

export const queueNames = ["incoming", "active", "deferred", "hold"] as const;
export type QueueName = (typeof queueNames)[number];

/** One queue file: a message on one node. */
export interface Message {
  readonly node: NodeId;
  readonly id: string;
  /** When this node took it. */
  arrivalMs: EpochMs;
  /** False until a line or a listing told it: a message first seen in the middle. */
  arrivalKnown: boolean;
  /** Acceptance by our first hop, and what was not ours before this hop. */
  acceptedMs: EpochMs;
  pausedMs: Millis;
  /** `arriving`: a client speaks, nothing is accepted yet. */
  state: "arriving" | "queued" | "done";
  birth: "client" | "pickup" | "node" | "unknown";
  /** It came from us: our networks, an authenticated user, the node itself. */
  ours: boolean;
  clientIp: string | null;
  authenticated: boolean;
  sender: string | null;
  /** Of its Message-ID; 0 as long as no line has named it. */
  messageHash: number;
  ownBounce: boolean;
  /** It goes on a message of another hop. */
  joined: boolean;
  /** Recipients by the queue manager; 0 when it has not said. */
  nrcpt: number;
  named: number;
  queue: QueueName;
  units: Unit[];
  /** How many of them are counted as followed. */
  countedUnits: number;
  /** Stands for the recipients that no line has named yet. */
  rest: Unit | null;
  /** By recipient; a single one has no need of a map. */
  first: string;
  firstUnit: Unit | null;
  more: Map<string, Unit> | null;
  /** Recipients of facts that wait for the sender. */
  unsaid: string[] | null;
  doneMs: EpochMs;
  /** Its recipients are in several queue files, of which this is one. */
  split: Split | null;
  /** The cell and the second where the queue book counts it; a cell of -1 is none. */
  placedCell: number;
  placedSecond: number;
  /** The queue book is to place it anew. */
  moved: boolean;
  /** Its neighbours among those of its node. */
  older: Message | null;
  newer: Message | null;
}

/** Out of the count and the base. blocked: nobody got it. unexplained: gone without a word. merged: it goes on as another unit. */
export type Gone = "blocked" | "unexplained" | "merged";

/** own: it waits on us. paused: on somebody else. left: gone out. */
export type Phase = "own" | "paused" | "left" | Gone;

/** (message, recipient domain): what all counts count. */
export interface Unit {
  /** Null once the message is forgotten. */
  message: Message | null;
  readonly node: NodeId;
  /** "" while no recipient is named. */
  domain: string;
  direction: Direction;
  /** False for our own bounces: work, but nobody's mail. */
  customer: boolean;
  acceptedMs: EpochMs;
  phase: Phase;
  attribution: Attribution;
  /** Closed spans that were not ours. While it waits on us, own wait = now - acceptedMs - pausedMs. */
  pausedMs: Millis;
  /** Start of the present pause. */
  pauseMs: EpochMs;
  /** When the pause ends by itself: next attempt's due time and one queue_run_delay. */
  resumeMs: EpochMs;
  /** Next attempt's due time. */
  dueMs: EpochMs;
  /** An attempt is due now: work. */
  due: boolean;
  /** Own wait when it was paused or left. */
  waitMs: Millis;
  /** Own wait before the last pause that was longer than the target: the live rule starts anew there. */
  restartMs: Millis;
  /** Part of its own wait may not be ours: shown as "at most". */
  unsure: boolean;
  /** Where it last was to go, for what is stuck. */
  destination: string;
  /** Second in which its last own wait ended; 0 while it waits on us. */
  recentSecond: number;
  /** Recipients that are named and not yet done. */
  open: number;
  /** At least one recipient got it. */
  sent: boolean;
  /** It was deferred since the message last became active. */
  deferred: boolean;
  /** When the attempt began that it was last deferred in; 0 before the first. */
  attemptMs: EpochMs;
  /** The ledger's counts hold it as it stands. */
  counted: boolean;
  /** It is to be counted at the end of the turn. */
  unsettled: boolean;
}

/** What was said under one queue id: whether a recipient was named, and how many of each unit are not done. */
export interface QueueFile {
  isNamed: boolean;
  readonly open: Map<Unit, number>;
}

/**
 * A message in several queue files, each with an id of its own: so Sendmail keeps apart recipients of several queue groups,
 * those over the limit of one group, and those of a list with an owner. Units and names of recipients stay with the first
 * id, `whole`: it is one message that was taken once, wherever its recipients wait.
 */
export interface Split {
  readonly whole: Message;
  readonly files: Map<Message, QueueFile>;
  /** Files that no recipient was named in yet. Each has one at least; only the first may have lost all of its own. */
  silent: number;
  /** Files that are still in the queue. */
  queued: number;
}

/** Of what has none, or none any more; a list for each of millions would only be collected again. */
export const noUnits: Unit[] = [];
Object.freeze(noUnits);

/** As with units, a constructor makes them. */
class MessageRecord implements Message {
  readonly node: NodeId;
  readonly id: string;
  arrivalMs: EpochMs = 0;
  arrivalKnown: boolean;
  acceptedMs: EpochMs = 0;
  pausedMs: Millis = 0;
  state: Message["state"] = "arriving";
  birth: Message["birth"];
  ours: boolean;
  clientIp: string | null = null;
  authenticated = false;
  sender: string | null = null;
  messageHash = 0;
  ownBounce = false;
  joined = false;
  nrcpt = 0;
  named = 0;
  queue: QueueName = "incoming";
  units: Unit[] = noUnits;
  countedUnits = 1;
  rest: Unit | null = null;
  first = "";
  firstUnit: Unit | null = null;
  more: Map<string, Unit> | null = null;
  unsaid: string[] | null = null;
  doneMs: EpochMs = 0;
  split: Split | null = null;
  placedCell = -1;
  placedSecond = 0;
  moved = false;
  older: Message | null = null;
  newer: Message | null = null;

  constructor(node: NodeId, id: string, arrivalMs: EpochMs, birth: Message["birth"]) {
    this.node = node;
    this.id = id;
    this.arrivalMs = arrivalMs;
    this.acceptedMs = arrivalMs;
    this.birth = birth;
    this.arrivalKnown = birth !== "unknown";
    this.ours = birth === "pickup" || birth === "node";
  }
}

/** `id` is no part of a line. */
export function newMessage(node: NodeId, id: string, arrivalMs: EpochMs, birth: Message["birth"]): Message {
  return new MessageRecord(node, id, arrivalMs, birth);
}
