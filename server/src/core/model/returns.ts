import type { EpochMs } from "@mailtide/shared";
import { InOrder } from "../sketch/in-order.ts";
import { detach } from "../text/detach.ts";
import { fits, type Handover } from "./joins.ts";
import type { Message, Unit } from "./message.ts";

/** What all copies of one letter have in common that are handed to an address of ours, or come from there. */
interface Letter {
  readonly messageHash: number;
  readonly ip: string;
  readonly sender: string;
}

/** A message that came from an address of ours, and the one that it goes on, once that is known. */
export interface Back {
  readonly letter: Letter;
  readonly message: Message;
  from: Message | null;
}

/** A unit that was handed to an address of ours. */
export interface Gone extends Handover {
  readonly letter: Letter;
}

/** So long a letter may stay where it was handed to. */
export const keptMs = 60_000;
const most = 50_000;
const mostSilent = 1_000;

/**
 * The last resort for filters that answer without an id: a message that comes from the very address to which one was handed
 * within the last minute, with its Message-ID and its sender. Lists and attackers repeat a Message-ID, and one that came
 * from there already does not count as handed there, so that what a list server sends in copies stays apart.
 */
export class Returns {
  /** By a number of the letter, which is made and found sooner than a text; letters of one number are told apart. */
  readonly back = new InOrder<Back[], number>();
  readonly gone = new InOrder<Gone[], number>();
  /** Addresses of ours that took mail without an id. What comes from the others is found by its id, and not remembered here. */
  readonly silent = new InOrder<true>();

  /** It took mail and named no id. True where that is news: then `cameBack` is to be told what came from there lately. */
  watch(ip: string): boolean {
    if (this.silent.has(ip)) return false;
    this.silent.put(detach(ip), true);
    if (this.silent.size > mostSilent) this.silent.dropOldest();
    return true;
  }

  /** It came from an address that is watched. Gives what it goes on, as far as that was seen to leave. */
  cameBack(message: Message): readonly Handover[] {
    const letter = letterOf(message, message.clientIp ?? "");
    const all = this.gone.size === 0 ? undefined : this.gone.get(numberOf(letter));
    if (all === undefined) {
      keep(this.back, { letter: kept(letter), message, from: null });
      return nobody;
    }
    const left = all.filter((each) => isSame(each.letter, letter) && fits(each, message.arrivalMs));
    const from = left[0]?.unit.message ?? null;
    keep(this.back, { letter: kept(letter), message, from });
    const own = left.filter(({ unit }) => unit.message === from);
    if (own.length === 0) return own;
    const others = all.filter((each) => !own.includes(each));
    if (others.length === 0) this.gone.delete(numberOf(letter));
    else this.gone.put(numberOf(letter), others);
    return own;
  }

  /** What a message that was handed to the address goes on in, if that was seen. */
  successor(message: Message, ip: string, handover: Omit<Handover, "unit">): Message | null {
    const letter = letterOf(message, ip);
    const same = this.back.get(numberOf(letter))?.filter((each) => isSame(each.letter, letter)) ?? [];
    const found =
      same.find(({ from }) => from === message) ??
      same.find((each) => each.from === null && !each.message.joined && isNext(message, each.message, handover));
    if (found === undefined) return null;
    found.from = message;
    return found.message;
  }

  /** It was handed to the address, and did not come back yet. */
  add(message: Message, ip: string, handover: Handover): void {
    keep(this.gone, { letter: kept(letterOf(message, ip)), ...handover });
  }

  advance(nowMs: EpochMs): void {
    forget(this.back, ({ message }) => message.arrivalMs < nowMs - keptMs);
    forget(this.gone, ({ atMs }) => atMs < nowMs - keptMs);
  }
}

/** Copies of one letter that are under way at once. */
const mostOfOne = 100;
const nobody: readonly Handover[] = [];

function keep<Entry extends { readonly letter: Letter }>(into: InOrder<Entry[], number>, entry: Entry): void {
  const number = numberOf(entry.letter);
  const same = into.get(number);
  if (same === undefined) into.put(number, [entry]);
  else if (same.length < mostOfOne) same.push(entry);
  else into.put(number, [...same.slice(1), entry]);
  if (into.size > most) into.dropOldest();
}

const letterOf = ({ messageHash, sender }: Message, ip: string): Letter => ({ messageHash, ip, sender: sender ?? "" });

/** The sender may be a part of a line. */
const kept = ({ messageHash, ip, sender }: Letter): Letter => ({ messageHash, ip, sender: detach(sender) });

const numberOf = ({ messageHash, ip, sender }: Letter): number => hashOn(hashOn(messageHash, ip), sender) >>> 1;

const isSame = (one: Letter, other: Letter): boolean =>
  one.messageHash === other.messageHash && one.ip === other.ip && one.sender === other.sender;

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

/** Messages and units by the numbers under which they are saved, each with its letter: `HASH|ADDRESS|SENDER`. */
export interface SavedReturns {
  /** Was not saved at first: then whatever came from an address of ours was remembered. */
  readonly silent?: readonly string[];
  readonly back: readonly [letter: string, [message: number, from: number][]][];
  readonly gone: readonly [letter: string, [unit: number, from: EpochMs, atMs: EpochMs][]][];
}

export function saveReturns(
  { back, gone, silent }: Returns,
  messageNumber: (message: Message) => number,
  unitNumber: (unit: Unit) => number,
): SavedReturns {
  return {
    silent: [...silent.entries()].map(([ip]) => ip),
    back: [...back.values()]
      .flat()
      .map(({ letter, message, from }) => [
        textOf(letter),
        [[messageNumber(message), from === null ? -1 : messageNumber(from)]],
      ]),
    gone: [...gone.values()]
      .flat()
      .map(({ letter, unit, from, atMs }) => [textOf(letter), [[unitNumber(unit), from, atMs]]]),
  };
}

export function restoreReturns(
  returns: Returns,
  saved: SavedReturns | undefined,
  messageOf: (number: number) => Message | null,
  unitOf: (number: number) => Unit | null,
): void {
  const { back, gone } = returns;
  for (const ip of saved?.silent ??
    [...(saved?.back ?? []), ...(saved?.gone ?? [])].map(([text]) => readLetter(text).ip))
    returns.watch(ip);
  for (const [text, entries] of saved?.back ?? [])
    for (const [number, from] of entries) {
      const message = messageOf(number);
      if (message !== null) keep(back, { letter: readLetter(text), message, from: messageOf(from) });
    }
  for (const [text, entries] of saved?.gone ?? [])
    for (const [number, from, atMs] of entries) {
      const unit = unitOf(number);
      if (unit !== null) keep(gone, { letter: readLetter(text), unit, from, atMs });
    }
}

const textOf = ({ messageHash, ip, sender }: Letter): string => `${messageHash}|${ip}|${sender}`;

function readLetter(text: string): Letter {
  const [hash = "", ip = "", ...sender] = text.split("|");
  return { messageHash: Number(hash), ip, sender: sender.join("|") };
}
