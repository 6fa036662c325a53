import type { Message, QueueFile, Split } from "./message.ts";
import { isWaiting, type Unit } from "./unit.ts";

export function splitOf(whole: Message): Split {
  if (whole.split !== null) return whole.split;
  const open = new Map(whole.units.flatMap((unit) => (unit.open > 0 && isWaiting(unit) ? [[unit, unit.open]] : [])));
  const split: Split = { whole, files: new Map(), silent: 0, queued: 0 };
  addFile(split, whole, { isNamed: whole.named > 0, open });
  return split;
}

export function addFile(split: Split, message: Message, file: QueueFile): void {
  split.files.set(message, file);
  if (!file.isNamed && message !== split.whole) split.silent += 1;
  if (message.state !== "done") split.queued += 1;
  message.split = split;
}

/** Where its recipients are kept. */
export function wholeOf(message: Message): Message {
  return message.split === null ? message : message.split.whole;
}

/** Those that wait in its queue file; as long as none is named, the one that stands for all that are not. */
export function unitsIn(message: Message): readonly Unit[] {
  const { split } = message;
  if (split === null) return message.units;
  const open = split.files.get(message)?.open;
  if (open !== undefined && open.size > 0) return [...open.keys()];
  return split.whole.rest === null ? [] : [split.whole.rest];
}

/** A line under its id named a recipient of the unit. */
export function noteNamed(split: Split, message: Message, unit: Unit, isFresh: boolean): void {
  const file = split.files.get(message);
  if (file === undefined) return;
  nameFile(split, message, file);
  if (isFresh) file.open.set(unit, (file.open.get(unit) ?? 0) + 1);
}

/** One of its recipients is done. */
export function noteDone(split: Split, message: Message, unit: Unit): void {
  const open = split.files.get(message)?.open;
  const left = (open?.get(unit) ?? 0) - 1;
  if (left > 0) open?.set(unit, left);
  else open?.delete(unit);
}

/** None of its recipients is open any more: gives out how many of each unit were. */
export function clearFile(split: Split, message: Message): [Unit, number][] {
  const file = split.files.get(message);
  if (file === undefined) return [];
  nameFile(split, message, file);
  const open = [...file.open];
  file.open.clear();
  return open;
}

/** Whoever is not named yet is in one of the silent files, so that the others have no more than they named. */
export function isSettled({ whole, silent }: Split): boolean {
  return whole.nrcpt - whole.named <= silent;
}

/** Nobody waits in the queue file. To be asked of a split that is settled. */
export function isEmpty(split: Split, message: Message): boolean {
  const file = split.files.get(message);
  return file !== undefined && file.open.size === 0 && (file.isNamed || message === split.whole);
}

/** All that are left of it wait for an operator. */
export function isHeld({ files, queued }: Split): boolean {
  if (queued === 0) return false;
  for (const { state, queue } of files.keys()) if (state === "queued" && queue !== "hold") return false;
  return true;
}

function nameFile(split: Split, message: Message, file: QueueFile): void {
  if (!file.isNamed && message !== split.whole) split.silent -= 1;
  file.isNamed = true;
}
