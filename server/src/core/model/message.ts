import type { Attribution, Direction, EpochMs, Millis, NodeId } from "@mailtide/shared";
import { detach } from "../text/detach.ts";
import { type InRow, Rows, stayIn, withFlag } from "./rows.ts";

export const queueNames = ["incoming", "active", "deferred", "hold"] as const;
export type QueueName = (typeof queueNames)[number];

/** One queue file: a message on one node. */
export interface Message {
  readonly node: NodeId;
  /** Another once it is known of which Postfix instance it is. */
  id: string;
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
  /** In a queue that the MTA lists apart: that another one does not show it tells nothing. */
  apart: boolean;
  /** Its neighbours among those of its node. */
  older: Message | null;
  newer: Message | null;
  /** Its sender and first recipient may still be parts of the lines that told them: most messages are gone soon. */
  young: boolean;
  /** It will wait for long: see `stayIn`. */
  stay(): void;
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
  /** Where it stands among the units of its cohort that wait on us, as long as it does. */
  ownPlace: number;
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
  /** It will wait for long: see `stayIn`. */
  stay(): void;
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

/** As with units, a constructor makes them, and their numbers and flags stand together. */
class MessageRecord implements Message, InRow {
  numbers = rows.numbers();
  at = rows.next();
  flags = 0;
  stays = false;
  readonly node: NodeId;
  id: string;
  state: Message["state"] = "arriving";
  birth: Message["birth"];
  clientIp: string | null = null;
  sender: string | null = null;
  messageHash = 0;
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
  split: Split | null = null;
  placedCell = -1;
  placedSecond = 0;
  older: Message | null = null;
  newer: Message | null = null;

  constructor(node: NodeId, id: string, arrivalMs: EpochMs, birth: Message["birth"]) {
    this.node = node;
    this.id = id;
    this.birth = birth;
    this.arrivalMs = arrivalMs;
    this.acceptedMs = arrivalMs;
    this.arrivalKnown = birth !== "unknown";
    this.ours = birth === "pickup" || birth === "node";
  }

  get young(): boolean {
    return (this.flags & youngFlag) !== 0;
  }
  set young(is: boolean) {
    this.flags = withFlag(this.flags, youngFlag, is);
  }

  stay(): void {
    stayIn(lasting, this);
  }

  get arrivalMs(): EpochMs {
    return this.numbers[this.at] as number;
  }
  set arrivalMs(ms: EpochMs) {
    this.numbers[this.at] = ms;
  }
  get acceptedMs(): EpochMs {
    return this.numbers[this.at + 1] as number;
  }
  set acceptedMs(ms: EpochMs) {
    this.numbers[this.at + 1] = ms;
  }
  get pausedMs(): Millis {
    return this.numbers[this.at + 2] as number;
  }
  set pausedMs(ms: Millis) {
    this.numbers[this.at + 2] = ms;
  }
  get doneMs(): EpochMs {
    return this.numbers[this.at + 3] as number;
  }
  set doneMs(ms: EpochMs) {
    this.numbers[this.at + 3] = ms;
  }

  get arrivalKnown(): boolean {
    return (this.flags & arrivalKnownFlag) !== 0;
  }
  set arrivalKnown(is: boolean) {
    this.flags = withFlag(this.flags, arrivalKnownFlag, is);
  }
  get ours(): boolean {
    return (this.flags & oursFlag) !== 0;
  }
  set ours(is: boolean) {
    this.flags = withFlag(this.flags, oursFlag, is);
  }
  get authenticated(): boolean {
    return (this.flags & authenticatedFlag) !== 0;
  }
  set authenticated(is: boolean) {
    this.flags = withFlag(this.flags, authenticatedFlag, is);
  }
  get ownBounce(): boolean {
    return (this.flags & ownBounceFlag) !== 0;
  }
  set ownBounce(is: boolean) {
    this.flags = withFlag(this.flags, ownBounceFlag, is);
  }
  get joined(): boolean {
    return (this.flags & joinedFlag) !== 0;
  }
  set joined(is: boolean) {
    this.flags = withFlag(this.flags, joinedFlag, is);
  }
  get moved(): boolean {
    return (this.flags & movedFlag) !== 0;
  }
  set moved(is: boolean) {
    this.flags = withFlag(this.flags, movedFlag, is);
  }
  get apart(): boolean {
    return (this.flags & apartFlag) !== 0;
  }
  set apart(is: boolean) {
    this.flags = withFlag(this.flags, apartFlag, is);
  }
}

const arrivalKnownFlag = 1;
const oursFlag = 2;
const authenticatedFlag = 4;
const ownBounceFlag = 8;
const joinedFlag = 16;
const movedFlag = 32;
const youngFlag = 64;
const apartFlag = 128;
const rows = new Rows(4);
const lasting = new Rows(4);

/** `id` is no part of a line. */
export function newMessage(node: NodeId, id: string, arrivalMs: EpochMs, birth: Message["birth"]): Message {
  return new MessageRecord(node, id, arrivalMs, birth);
}

/** Of a line, to be kept as its sender or first recipient. */
export function textOf(message: Message, text: string): string {
  return message.young ? text : detach(text);
}

/** From now on it keeps texts of its own. */
export function grow(message: Message): void {
  message.young = false;
  message.first = detach(message.first);
  if (message.sender !== null) message.sender = detach(message.sender);
}
