import type { Direction, EpochMs, GapView, NodeId } from "@mailtide/shared";
import type { SavedBreadth } from "./breadth/breadth.ts";
import type { Departures } from "./departures.ts";
import type { LastAgents } from "./last-agents.ts";
import type { LastHops } from "./last-hops.ts";
import type { ModelState } from "./model-state.ts";
import type { Message, Split } from "./message.ts";
import type { OwnProbes } from "./own-probes.ts";
import type { PendingSplits } from "./pending-splits.ts";
import type { SavedEnds } from "./recent-ends.ts";
import { messageOf, messageRow, type MessageRow, unitOf, unitRow, type UnitRow } from "./saved-rows.ts";
import { restoreReturns, type SavedReturns, saveReturns } from "./returns.ts";
import { addFile } from "./split.ts";
import { isWaiting, type Unit } from "./unit.ts";
import type { SavedCommand } from "./unnamed.ts";

/**
 * Units and messages as rows that refer to each other by index. What follows from the waiting units is counted again at
 * the restoring; of those that left, only their counts are kept, and the few that a line may still speak of.
 */
interface Saved {
  readonly messages: readonly {
    readonly row: MessageRow;
    readonly units: number[];
    readonly rest: number;
    readonly first: number;
    readonly more: [string, number][];
    /** Of one whose recipients are in several queue files: these, itself the first. */
    readonly files?: SavedFile[];
  }[];
  readonly units: readonly UnitRow[];
  readonly done: number[];
  readonly arriving: number[];
  /** Ended waits that still keep their cohort live, of units that left. */
  readonly recents: SavedEnds;
  readonly joins: [string, [unit: number, from: EpochMs, atMs: EpochMs][]][];
  readonly returns?: SavedReturns;
  readonly cohorts: [Direction, EpochMs, left: number[], unsureLeft: number[]][];
  readonly slices: [Direction, number, left: number[], lateLeft: number][];
  readonly sliceOldest: number;
  readonly wheelSecond: number;
  readonly work: readonly unknown[];
  readonly totals: ModelState["ledger"]["totals"];
  readonly overflow: [number, EpochMs | null];
  readonly nodes: [
    NodeId,
    lastDepartureMs: EpochMs | null,
    listedAtMs: EpochMs | null,
    sessions: [number, string][],
    /** Missing in what an older program saved. */
    departures?: ReturnType<Departures["save"]>,
  ][];
  readonly minutes: [number, [number, number]][];
  readonly unlisted: [string, number][];
  readonly gaps?: readonly (Omit<GapView, "log"> & Partial<GapView>)[];
  readonly course: [EpochMs | null, [EpochMs, number][]];
  readonly waitingSinceMs: EpochMs | null;
  /** Missing in what an older program saved. */
  readonly breadth?: SavedBreadth;
  readonly probes?: ReturnType<OwnProbes["save"]>;
  readonly lastHops?: [NodeId, ReturnType<LastHops["save"]>][];
  readonly lastAgents?: [NodeId, ReturnType<LastAgents["save"]>][];
  readonly splits?: [NodeId, ReturnType<PendingSplits["save"]>][];
  readonly unnamed?: [NodeId, SavedCommand][];
}

type SavedFile = [message: number, isNamed: boolean, open: [unit: number, count: number][]];

export function saveModel(state: ModelState): string {
  const { ledger, messages, books } = state;
  ledger.settle();
  const units = new Map<Unit, number>();
  const indexOf = (unit: Unit | null): number => {
    if (!unit) return -1;
    const known = units.get(unit) ?? units.size;
    units.set(unit, known);
    return known;
  };
  const numbers = new Map<Message, number>();
  for (const book of books.values()) for (const message of book.messages.values()) numbers.set(message, numbers.size);
  // A done message may have lost its id to a new one.
  for (const message of [...messages.done, ...messages.arriving])
    if (!numbers.has(message)) numbers.set(message, numbers.size);
  const saved: Saved = {
    messages: [...numbers.keys()].map((message) => ({
      row: messageRow(message),
      units: message.units.map(indexOf),
      rest: indexOf(message.rest),
      first: indexOf(message.firstUnit),
      more: [...(message.more ?? [])].map(([recipient, unit]) => [recipient, indexOf(unit)]),
      ...filesOf(message, (file) => numbers.get(file) ?? -1, indexOf),
    })),
    recents: ledger.cohorts.saveRecents(waitingUnits(numbers.keys())),
    joins: [...messages.joins.pending.entries()].map(([id, handovers]) => [
      id,
      handovers.map(({ unit, from, atMs }) => [indexOf(unit), from, atMs]),
    ]),
    lastHops: [...books.values()].map((book) => [book.id, book.lastHops.save()]),
    lastAgents: [...books.values()].map((book) => [book.id, book.lastAgents.save()]),
    splits: [...books.values()].map((book) => [book.id, book.splits.save()]),
    unnamed: [...books.values()].map((book) => [book.id, book.unnamed.save()]),
    // Before the units, which it may add to.
    breadth: state.breadth.save(indexOf),
    probes: state.probes.save(),
    returns: saveReturns(messages.returns, (message) => numbers.get(message) ?? -1, indexOf),
    units: [...units.keys()].map(unitRow),
    done: messages.done.map((message) => numbers.get(message) ?? -1),
    arriving: messages.arriving.map((message) => numbers.get(message) ?? -1),
    cohorts: each(ledger.cohorts.byDirection, (direction, start, cohort) => [
      direction,
      start,
      cohort.left.save(),
      cohort.unsureLeft.save(),
    ]),
    slices: each(ledger.window.slices, (direction, key, slice) => [direction, key, slice.left.save(), slice.lateLeft]),
    sliceOldest: ledger.window.oldest,
    wheelSecond: ledger.wheel.second,
    work: ledger.work.save(),
    totals: { ...ledger.totals },
    overflow: [messages.overflow, messages.lastOverflowMs],
    nodes: [...books.values()].map((book) => [
      book.id,
      book.departures.lastMs,
      book.listedAtMs,
      [...book.sessions],
      book.departures.save(),
    ]),
    minutes: [...state.completeness.minutes],
    unlisted: [...state.completeness.unlisted],
    gaps: state.completeness.gaps,
    course: [state.course.lateSinceMs, state.course.past],
    waitingSinceMs: state.movement.waitingSinceMs,
  };
  return JSON.stringify(saved);
}

/** Into a state that is empty. A node that is not configured any more is left out with its mail. */
export function restoreModel(state: ModelState, text: string): void {
  const { ledger, messages, books } = state;
  const saved = JSON.parse(text) as Saved;
  const units = saved.units.map(unitOf);
  const unit = (index: number): Unit | null => units[index] ?? null;
  const unitsOf = (indexes: readonly number[]): Unit[] => indexes.flatMap((index) => unit(index) ?? []);
  ledger.wheel.second = saved.wheelSecond;
  ledger.window.oldest = saved.sliceOldest;
  for (const [direction, start, left, unsureLeft] of saved.cohorts) {
    const cohort = ledger.cohorts.at(direction, start);
    cohort.left.restore(left);
    cohort.unsureLeft.restore(unsureLeft);
  }
  for (const [direction, key, left, lateLeft] of saved.slices)
    ledger.window.restoreLeft(direction, key, left, lateLeft);
  ledger.cohorts.restoreRecents(saved.recents);
  const all = saved.messages.map((entry) => {
    const more = entry.more.length > 0 ? new Map(entry.more.flatMap(([to, index]) => pair(to, unit(index)))) : null;
    const links = { units: unitsOf(entry.units), rest: unit(entry.rest), firstUnit: unit(entry.first), more };
    const message = messageOf(entry.row, links);
    for (const own of message.units) own.message = message;
    return message;
  });
  for (const [at, { files }] of saved.messages.entries()) {
    const whole = all[at];
    if (whole !== undefined && files !== undefined) restoreFiles(whole, files, all, unit);
  }
  for (const message of all) {
    const book = books.get(message.node);
    if (!book) continue;
    // Those without their id any more stand behind it in the list.
    if (!book.messages.has(message.id)) book.messages.put(message);
    book.keys.note(message.id);
    messages.trackedUnits += message.countedUnits;
    for (const waiting of message.units.filter(isWaiting)) putBack(state, waiting);
    book.queues.place(message);
  }
  ledger.settle();
  const listed = (indexes: readonly number[]): Message[] =>
    indexes.flatMap((index) => all[index] ?? []).filter((message) => books.has(message.node));
  messages.restoreDone(listed(saved.done));
  messages.restoreArriving(listed(saved.arriving));
  for (const [id, handovers] of saved.joins)
    for (const [index, from, atMs] of handovers) {
      const left = unit(index);
      if (left) messages.joins.add(id, { unit: left, from, atMs });
    }
  restoreReturns(messages.returns, saved.returns, (index) => all[index] ?? null, unit);
  ledger.work.restore(saved.work);
  Object.assign(ledger.totals, saved.totals);
  [messages.overflow, messages.lastOverflowMs] = saved.overflow;
  for (const [id, lastDepartureMs, listedAtMs, sessions, departures] of saved.nodes) {
    const book = books.get(id);
    if (!book) continue;
    book.departures.lastMs = lastDepartureMs;
    book.departures.restore(departures ?? []);
    book.listedAtMs = listedAtMs;
    for (const [pid, queueId] of sessions) book.sessions.set(pid, queueId);
  }
  for (const [minute, counts] of saved.minutes) state.completeness.minutes.set(minute, counts);
  for (const [node, count] of saved.unlisted) state.completeness.unlisted.set(node, count);
  state.completeness.gaps = (saved.gaps ?? []).map((gap) => ({ log: null, ...gap }));
  [state.course.lateSinceMs, state.course.past] = saved.course;
  state.movement.waitingSinceMs = saved.waitingSinceMs;
  for (const [node, mailboxes] of saved.probes ?? []) if (books.has(node)) state.probes.state(node, mailboxes);
  for (const [id, places] of saved.lastHops ?? []) books.get(id)?.lastHops.restore(places);
  for (const [id, agents] of saved.lastAgents ?? []) books.get(id)?.lastAgents.restore(agents);
  for (const [id, pending] of saved.splits ?? []) books.get(id)?.splits.restore(pending);
  for (const [id, command] of saved.unnamed ?? []) books.get(id)?.unnamed.restore(command);
  if (saved.breadth !== undefined) state.breadth.restore(saved.breadth, unit);
}

function filesOf(
  message: Message,
  messageNumber: (message: Message) => number,
  unitNumber: (unit: Unit) => number,
): { files?: SavedFile[] } {
  const { split } = message;
  if (split?.whole !== message) return {};
  const files = [...split.files].map(([file, { isNamed, open }]): SavedFile => {
    return [messageNumber(file), isNamed, [...open].map(([unit, count]) => [unitNumber(unit), count])];
  });
  return { files };
}

function restoreFiles(
  whole: Message,
  saved: readonly SavedFile[],
  messages: readonly Message[],
  unitOf: (number: number) => Unit | null,
): void {
  const split: Split = { whole, files: new Map(), silent: 0, queued: 0 };
  for (const [number, isNamed, counts] of saved) {
    const open = new Map(counts.flatMap(([index, count]) => countOf(unitOf(index), count)));
    const message = messages[number];
    if (message !== undefined) addFile(split, message, { isNamed, open });
  }
}

const countOf = (unit: Unit | null, count: number): [Unit, number][] => (unit === null ? [] : [[unit, count]]);

function putBack({ ledger }: ModelState, unit: Unit): void {
  ledger.add(unit);
  if (unit.due) ledger.work.addDue(1);
  else ledger.wheel.add(unit, unit.dueMs);
  if (unit.phase === "paused") ledger.wheel.add(unit, unit.resumeMs);
}

function* waitingUnits(messages: Iterable<Message>): Generator<Unit> {
  for (const { units } of messages) for (const unit of units) if (isWaiting(unit)) yield unit;
}

function each<Entry, Row>(
  maps: Readonly<Record<Direction, ReadonlyMap<number, Entry>>>,
  row: (direction: Direction, key: number, entry: Entry) => Row,
): Row[] {
  return (Object.keys(maps) as Direction[]).flatMap((direction) =>
    [...maps[direction]].map(([key, entry]) => row(direction, key, entry)),
  );
}

function pair(to: string, unit: Unit | null): [string, Unit][] {
  return unit ? [[to, unit]] : [];
}
