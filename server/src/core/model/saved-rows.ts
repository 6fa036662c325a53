import type { Attribution, Direction, EpochMs, Millis, NodeId } from "@mailtide/shared";
import { type Message, newMessage, type QueueName } from "./message.ts";
import { emptyUnit, type Phase, type Unit } from "./unit.ts";

/**
 * Saved rows, without field names: there may be a million. Written out field by field, because engines make objects that
 * are filled by computed names slow for the rest of their life (a restoring of 400,000 units took 30 s that way).
 */
export type UnitRow = [
  node: NodeId,
  domain: string,
  direction: Direction,
  /** `gone`: in rows of earlier versions, blocked unless somebody got it. */
  phase: Phase | "gone",
  attribution: Attribution,
  flags: number,
  acceptedMs: EpochMs,
  pausedMs: Millis,
  pauseMs: EpochMs,
  resumeMs: EpochMs,
  dueMs: EpochMs,
  waitMs: Millis,
  restartMs: Millis,
  destination: string,
  recentSecond: number,
  open: number,
  attemptMs: EpochMs,
];

export type MessageRow = [
  node: NodeId,
  id: string,
  state: Message["state"],
  birth: Message["birth"],
  queue: QueueName,
  flags: number,
  arrivalMs: EpochMs,
  acceptedMs: EpochMs,
  pausedMs: Millis,
  clientIp: string | null,
  sender: string | null,
  nrcpt: number,
  named: number,
  countedUnits: number,
  first: string,
  unsaid: string[],
  doneMs: EpochMs,
  /** Not in rows of earlier versions. */
  messageHash?: number,
];

/** What a message refers to, not in its row. */
export type MessageLinks = Pick<Message, "units" | "rest" | "firstUnit" | "more">;

export function unitRow(unit: Unit): UnitRow {
  return [
    unit.node,
    unit.domain,
    unit.direction,
    unit.phase,
    unit.attribution,
    bits(unit.customer, unit.due, unit.unsure, unit.sent, unit.deferred),
    unit.acceptedMs,
    unit.pausedMs,
    unit.pauseMs,
    unit.resumeMs,
    unit.dueMs,
    unit.waitMs,
    unit.restartMs,
    unit.destination,
    unit.recentSecond,
    unit.open,
    unit.attemptMs,
  ];
}

export function unitOf(row: UnitRow): Unit {
  const [node, domain, direction, phase, attribution, flags, acceptedMs, pausedMs, pauseMs, resumeMs, dueMs] = row;
  const unit = emptyUnit(node, direction, bit(flags, 0), domain);
  unit.acceptedMs = acceptedMs;
  unit.phase = phase === "gone" ? (bit(flags, 3) ? "merged" : "blocked") : phase;
  unit.attribution = attribution;
  unit.pausedMs = pausedMs;
  unit.pauseMs = pauseMs;
  unit.resumeMs = resumeMs;
  unit.dueMs = dueMs;
  unit.due = bit(flags, 1);
  unit.waitMs = row[11];
  unit.restartMs = row[12];
  unit.unsure = bit(flags, 2);
  unit.destination = row[13];
  unit.recentSecond = row[14];
  unit.open = row[15];
  unit.sent = bit(flags, 3);
  unit.deferred = bit(flags, 4);
  unit.attemptMs = row[16];
  // Of those that left, the counts were saved.
  unit.counted = phase === "left" && bit(flags, 0);
  return unit;
}

export function messageRow(message: Message): MessageRow {
  return [
    message.node,
    message.id,
    message.state,
    message.birth,
    message.queue,
    bits(message.arrivalKnown, message.ours, message.authenticated, message.ownBounce, message.joined, message.apart),
    message.arrivalMs,
    message.acceptedMs,
    message.pausedMs,
    message.clientIp,
    message.sender,
    message.nrcpt,
    message.named,
    message.countedUnits,
    message.first,
    message.unsaid ?? [],
    message.doneMs,
    message.messageHash,
  ];
}

export function messageOf(row: MessageRow, { units, rest, firstUnit, more }: MessageLinks): Message {
  const [node, id, state, birth, queue, flags, arrivalMs, acceptedMs, pausedMs, clientIp, sender] = row;
  const message = newMessage(node, id, arrivalMs, birth);
  message.arrivalKnown = bit(flags, 0);
  message.acceptedMs = acceptedMs;
  message.pausedMs = pausedMs;
  message.state = state;
  message.ours = bit(flags, 1);
  message.clientIp = clientIp;
  message.authenticated = bit(flags, 2);
  message.sender = sender;
  message.messageHash = row[17] ?? 0;
  message.ownBounce = bit(flags, 3);
  message.joined = bit(flags, 4);
  message.apart = bit(flags, 5);
  message.nrcpt = row[11];
  message.named = row[12];
  message.queue = queue;
  message.units = units;
  message.countedUnits = row[13];
  message.rest = rest;
  message.first = row[14];
  message.firstUnit = firstUnit;
  message.more = more;
  message.unsaid = row[15].length === 0 ? null : row[15];
  message.doneMs = row[16];
  return message;
}

function bits(...flags: boolean[]): number {
  return flags.reduce((sum, flag, i) => sum + (flag ? 1 << i : 0), 0);
}

function bit(flags: number, place: number): boolean {
  return (flags & (1 << place)) !== 0;
}
