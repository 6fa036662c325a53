import type { Attribution, Direction, EpochMs, Millis, NodeId } from "@mailtide/shared";
import type { Message, QueueName } from "./message.ts";
import type { Phase, Unit } from "./unit.ts";

/**
 * Saved rows, without field names: there may be a million. Written out field by field, because engines make objects that
 * are filled by computed names slow for the rest of their life (a restoring of 400,000 units took 30 s that way).
 */
export type UnitRow = [
  node: NodeId,
  domain: string,
  direction: Direction,
  phase: Phase,
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
  return {
    message: null,
    node,
    domain,
    direction,
    customer: bit(flags, 0),
    acceptedMs,
    phase,
    attribution,
    pausedMs,
    pauseMs,
    resumeMs,
    dueMs,
    due: bit(flags, 1),
    waitMs: row[11],
    restartMs: row[12],
    unsure: bit(flags, 2),
    destination: row[13],
    recentSecond: row[14],
    open: row[15],
    sent: bit(flags, 3),
    deferred: bit(flags, 4),
    attemptMs: row[16],
    // Of those that left, the counts were saved.
    counted: phase === "left" && bit(flags, 0),
    unsettled: false,
  };
}

export function messageRow(message: Message): MessageRow {
  return [
    message.node,
    message.id,
    message.state,
    message.birth,
    message.queue,
    bits(message.arrivalKnown, message.ours, message.authenticated, message.ownBounce, message.joined),
    message.arrivalMs,
    message.acceptedMs,
    message.pausedMs,
    message.clientIp,
    message.sender,
    message.nrcpt,
    message.named,
    message.countedUnits,
    message.first,
    message.unsaid,
    message.doneMs,
    message.messageHash,
  ];
}

export function messageOf(row: MessageRow, { units, rest, firstUnit, more }: MessageLinks): Message {
  const [node, id, state, birth, queue, flags, arrivalMs, acceptedMs, pausedMs, clientIp, sender] = row;
  return {
    node,
    id,
    arrivalMs,
    arrivalKnown: bit(flags, 0),
    acceptedMs,
    pausedMs,
    state,
    birth,
    ours: bit(flags, 1),
    clientIp,
    authenticated: bit(flags, 2),
    sender,
    messageHash: row[17] ?? 0,
    ownBounce: bit(flags, 3),
    joined: bit(flags, 4),
    nrcpt: row[11],
    named: row[12],
    queue,
    units,
    countedUnits: row[13],
    rest,
    first: row[14],
    firstUnit,
    more,
    unsaid: row[15],
    doneMs: row[16],
    placedCell: -1,
    placedSecond: 0,
    moved: false,
  };
}

function bits(...flags: boolean[]): number {
  return flags.reduce((sum, flag, i) => sum + (flag ? 1 << i : 0), 0);
}

function bit(flags: number, place: number): boolean {
  return (flags & (1 << place)) !== 0;
}
