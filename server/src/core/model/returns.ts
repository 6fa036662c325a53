import type { EpochMs } from "@mailtide/shared";
import { InOrder } from "../sketch/in-order.ts";
import { fits, type Handover } from "./joins.ts";
import type { Message, Unit } from "./message.ts";

/** A message that came from an address of ours, and the one that it goes on, once that is known. */
export interface Back {
  readonly message: Message;
  from: Message | null;
}

const keptMs = 60_000;
const most = 50_000;

/**
 * The last resort for filters that answer without an id: a message that comes from the very address to which one was handed
 * within the last minute, with its Message-ID and its sender. Lists and attackers repeat a Message-ID, and one that came
 * from there already does not count as handed there, so that what a list server sends in copies stays apart.
 */
export class Returns {
  readonly back = new InOrder<Back[], number>();
  readonly gone = new InOrder<Handover[], number>();

  /** It came from an address of ours. Gives what it goes on, as far as that was seen to leave. */
  cameBack(message: Message): readonly Handover[] {
    const key = keyOf(message, message.clientIp ?? "");
    const all = this.gone.size === 0 ? undefined : this.gone.get(key);
    if (all === undefined) {
      keep(this.back, key, { message, from: null });
      return nobody;
    }
    const left = all.filter((each) => isCopy(each.unit.message, message) && fits(each, message.arrivalMs));
    const from = left[0]?.unit.message ?? null;
    keep(this.back, key, { message, from });
    const own = left.filter(({ unit }) => unit.message === from);
    if (own.length === 0) return own;
    const others = all.filter((each) => !own.includes(each));
    if (others.length === 0) this.gone.delete(key);
    else this.gone.put(key, others);
    return own;
  }

  /** What a message that was handed to the address goes on in, if that was seen. */
  successor(message: Message, ip: string, handover: Omit<Handover, "unit">): Message | null {
    const same = this.back.get(keyOf(message, ip))?.filter((each) => isCopy(each.message, message)) ?? [];
    const found =
      same.find(({ from }) => from === message) ??
      same.find((each) => each.from === null && !each.message.joined && isNext(message, each.message, handover));
    if (found === undefined) return null;
    found.from = message;
    return found.message;
  }

  /** It was handed to the address, and did not come back yet. */
  add(message: Message, ip: string, handover: Handover): void {
    keep(this.gone, keyOf(message, ip), handover);
  }

  advance(nowMs: EpochMs): void {
    forget(this.back, ({ message }) => message.arrivalMs < nowMs - keptMs);
    forget(this.gone, ({ atMs }) => atMs < nowMs - keptMs);
  }
}

/** Copies of one letter that are under way at once. */
const mostOfOne = 100;
const nobody: readonly Handover[] = [];

function keep<Entry>(kept: InOrder<Entry[], number>, key: number, entry: Entry): void {
  const same = kept.get(key);
  if (same === undefined) kept.put(key, [entry]);
  else if (same.length < mostOfOne) same.push(entry);
  else kept.put(key, [...same.slice(1), entry]);
  if (kept.size > most) kept.dropOldest();
}

/**
 * 31 bits of Message-ID, sender and address: a number is made and found sooner than a text, and the sender need not be kept. Whoever
 * chooses texts of one number gains nothing that the same text twice would not give, and `isCopy` asks for the Message-ID.
 */
function keyOf({ messageHash, sender }: Message, ip: string): number {
  return keyOfTexts(messageHash, ip, sender ?? "");
}

const keyOfTexts = (messageHash: number, ip: string, sender: string): number =>
  hashOn(hashOn(messageHash, ip), sender) >>> 1;

const isCopy = (message: Message | null, { messageHash }: Message): boolean => message?.messageHash === messageHash;

function isNext(message: Message, next: Message, handover: Omit<Handover, "unit">): boolean {
  return next !== message && next.arrivalMs >= message.arrivalMs && fits(handover, next.arrivalMs);
}

/** By the youngest of an entry: it was put there with its first, and may hold later ones. */
function forget<Entry>(kept: InOrder<Entry[], number>, isOld: (entry: Entry) => boolean): void {
  for (let next = kept.oldest(); next !== undefined; next = kept.oldest()) {
    const [key, entries] = next;
    if (!entries.some(isOld)) return;
    kept.delete(key);
    const young = entries.filter((entry) => !isOld(entry));
    if (young.length > 0) kept.put(key, young);
  }
}

/** 31 bits of a Message-ID (FNV-1a), never 0: a million messages are followed, and only equality is asked. */
export function messageHashOf(messageId: string | undefined): number {
  if (messageId === undefined || messageId === "") return 0;
  return hashOn(0x811c9dc5, messageId) >>> 1 || 1;
}

function hashOn(before: number, text: string): number {
  let hash = before;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** Messages and units by the numbers under which they are saved. */
export interface SavedReturns {
  readonly back: readonly [key: number | string, [message: number, from: number][]][];
  readonly gone: readonly [key: number | string, [unit: number, from: EpochMs, atMs: EpochMs][]][];
}

export function saveReturns(
  { back, gone }: Returns,
  messageNumber: (message: Message) => number,
  unitNumber: (unit: Unit) => number,
): SavedReturns {
  return {
    back: [...back.entries()].map(([key, entries]) => [
      key,
      entries.map(({ message, from }) => [messageNumber(message), from === null ? -1 : messageNumber(from)]),
    ]),
    gone: [...gone.entries()].map(([key, entries]) => [
      key,
      entries.map(({ unit, from, atMs }) => [unitNumber(unit), from, atMs]),
    ]),
  };
}

export function restoreReturns(
  { back, gone }: Returns,
  saved: SavedReturns | undefined,
  messageOf: (number: number) => Message | null,
  unitOf: (number: number) => Unit | null,
): void {
  for (const [key, entries] of saved?.back ?? []) {
    const known = entries.flatMap(([number, from]) => {
      const message = messageOf(number);
      return message === null ? [] : [{ message, from: messageOf(from) }];
    });
    if (known.length > 0) back.put(keyOfSaved(key), known);
  }
  for (const [key, entries] of saved?.gone ?? []) {
    const known = entries.flatMap(([number, from, atMs]) => {
      const unit = unitOf(number);
      return unit === null ? [] : [{ unit, from, atMs }];
    });
    if (known.length > 0) gone.put(keyOfSaved(key), known);
  }
}

/** Older programs saved the texts: `HASH|ADDRESS|SENDER`. */
function keyOfSaved(key: number | string): number {
  if (typeof key === "number") return key;
  const [hash = "", ip = "", ...sender] = key.split("|");
  return keyOfTexts(Number(hash), ip, sender.join("|"));
}
