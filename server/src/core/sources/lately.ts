import type { EpochMs, Millis } from "@mailtide/shared";
import { detach } from "../text/detach.ts";
import type { ActiveSet } from "./active-set.ts";
import type { CleanHistory } from "./clean-history.ts";
import type { HostileKind, HostileTable } from "./hostile.ts";
import { networkOf, unmapped } from "./network.ts";

/** A source of the last minutes, and what need not be looked up again: a look-up among many thousands costs. */
export interface Source {
  readonly ip: string;
  readonly network: string;
  readonly ignored: boolean;
  /** False only when it is surely not in the hostile table. */
  mayBeHostile: boolean;
  /** The step in which it was last counted, and the day for which it was noted as clean; NaN when that is to be done. */
  seenStep: number;
  cleanDay: number;
  /** What the history had pushed out by then. */
  evicted: number;
  /** Where it and its network stood last among the heavy. */
  seat: number;
  networkSeat: number;
}

interface Tables {
  readonly distinct: ActiveSet;
  readonly fresh: ActiveSet;
  readonly history: CleanHistory;
  readonly hostile: HostileTable;
}

/** Windows of distinct sources move in steps of this. */
export const distinctStepMs: Millis = 10_000;

/** Each source stands in several lines of a session: what the lines after the first would only repeat is left out. */
export class Lately {
  /** By address, as it was logged and as it is counted. */
  readonly #sources = new Map<string, Source>();
  /** By the end of the address: the lines of a session come soon after each other. */
  readonly #justSeen: (Source | undefined)[] = Array.from({ length: places }, () => undefined);
  readonly #tables: Tables;
  readonly #ignore: ReadonlySet<string>;

  constructor(tables: Tables, ignore: ReadonlySet<string>) {
    this.#tables = tables;
    this.#ignore = ignore;
  }

  /** Null for what is no source. */
  of(clientIp: string | undefined): Source | null {
    if (clientIp === undefined || clientIp.length > longestIp) return null;
    const place = placeOf(clientIp);
    let source = this.#justSeen[place];
    // As it was logged or as it is counted, and nearly always the very same string.
    if (source === undefined || source.ip !== clientIp) {
      source = this.#sources.get(clientIp) ?? this.#add(clientIp);
      this.#justSeen[place] = source;
    }
    return source.ignored ? null : source;
  }

  /** It did something: once a step is enough. One that became known while it counts as new stays new until it was quiet. */
  see(source: Source, atMs: EpochMs): void {
    const step = Math.floor(atMs / distinctStepMs);
    if (source.seenStep === step && this.#holds(source)) return;
    source.seenStep = step;
    const { ip } = source;
    const { distinct, fresh, history } = this.#tables;
    distinct.add(ip, atMs);
    if (fresh.has(ip) || !history.knows(ip, atMs)) fresh.add(ip, atMs);
  }

  noteHostile(source: Source, kind: HostileKind, atMs: EpochMs, times = 1): void {
    source.mayBeHostile = true;
    this.#tables.hostile.note(source.ip, kind, atMs, times);
  }

  noteMessage({ mayBeHostile, ip }: Source): void {
    if (mayBeHostile) this.#tables.hostile.noteMessage(ip);
  }

  /** Clean mail; one that has forged before is not clean because of one honest-looking mail. Once a day is enough. */
  noteClean(source: Source, atMs: EpochMs): void {
    const { hostile, history } = this.#tables;
    if (source.mayBeHostile && (hostile.get(source.ip)?.spoofed ?? 0) > 0) return;
    const day = Math.floor(atMs / dayMs);
    if (source.cleanDay === day && this.#holds(source)) return;
    history.note(source.ip, atMs);
    source.cleanDay = day;
  }

  forgetClean(source: Source): void {
    this.#tables.history.forget(source.ip);
    source.cleanDay = Number.NaN;
  }

  #add(clientIp: string): Source {
    // Who connects chooses what stands here: forget all rather than grow.
    if (this.#sources.size >= mostSources) {
      this.#sources.clear();
      this.#justSeen.fill(undefined);
    }
    const ip = detach(unmapped(clientIp));
    let source = this.#sources.get(ip);
    if (source === undefined) {
      const { hostile, history } = this.#tables;
      source = {
        ip,
        network: detach(networkOf(ip)),
        ignored: this.#ignore.has(ip),
        mayBeHostile: hostile.get(ip) !== undefined,
        seenStep: Number.NaN,
        cleanDay: Number.NaN,
        evicted: history.evicted,
        seat: -1,
        networkSeat: -1,
      };
      this.#sources.set(ip, source);
    }
    if (clientIp !== ip) this.#sources.set(detach(clientIp), source);
    return source;
  }

  /** What was remembered of the source still stands: the history has pushed nobody out since. */
  #holds(source: Source): boolean {
    const { evicted } = this.#tables.history;
    if (source.evicted === evicted) return true;
    source.evicted = evicted;
    source.seenStep = source.cleanDay = Number.NaN;
    return false;
  }
}

function placeOf(ip: string): number {
  const end = ip.length;
  return end < 5
    ? 0
    : (ip.charCodeAt(end - 1) +
        10 * ip.charCodeAt(end - 2) +
        100 * ip.charCodeAt(end - 3) +
        37 * ip.charCodeAt(end - 5)) &
        (places - 1);
}

/** A power of two. */
const places = 4_096;
const longestIp = 64;
const mostSources = 32_768;
const dayMs = 86_400_000;
