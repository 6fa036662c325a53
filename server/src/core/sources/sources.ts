import type { EpochMs, InboundSection, RefusedByUs, SiteId, SourceView } from "@mailtide/shared";
import { tellsAbort } from "../arrival.ts";
import { faultOfRefusal } from "../refusal.ts";
import type { MailEventKind } from "../event.ts";
import type { Point } from "../measurement.ts";
import type { MessageFact } from "../message-fact.ts";
import type { Observation } from "../observation.ts";
import type { Part, SavedPart } from "../part.ts";
import { ActiveSet } from "./active-set.ts";
import { blocklist } from "./blocklist.ts";
import { senderIsRecipient } from "./canonical.ts";
import { CleanHistory } from "./clean-history.ts";
import { type Heavy, HeavySources, type HeavySpan } from "./heavy.ts";
import { type HostileSource, HostileTable } from "./hostile.ts";
import { Inbound } from "./inbound.ts";
import { OwnRefusals } from "./own-refusals.ts";
import { networkOf } from "./network.ts";
import { compileOurs } from "./ours.ts";
import { PerMinute } from "./per-minute.ts";
import { sourcePoints, topSourcePoints } from "./points.ts";
import { RecentSources } from "./recent-sources.ts";
import type { SourceKind } from "./slices.ts";
import type { Source } from "./source.ts";
import { SourceTable } from "./source-table.ts";
import { SpoofShare } from "./spoof-share.ts";
import { HourOfWeek } from "./usual.ts";

export interface SourcesOptions {
  /** Characters that begin an address extension (postconf(5), recipient_delimiter). */
  readonly delimiters?: string;
  /** Rules of the nodes' own hops: these, and this host itself, are never named as sources. */
  readonly ownHops?: readonly string[];
  /** Distinct sources are exact up to this many within five minutes. */
  readonly mostDistinct?: number;
  readonly mostHeavy?: number;
  readonly mostHostile?: number;
  readonly mostRemembered?: number;
  /** False when nobody will ask for `points`. */
  readonly hasPoints?: boolean;
}

/** `spoofed` tells of a message that was told as one of `messages` before. */
export type SourceFact = SourceKind | "authFailures" | "spoofed";

/** Of whom a fact tells; `noted` is the listener's own, and null when the source was quiet for a while. */
export type FactSource = Pick<Source, "ip" | "isOurs" | "noted">;

/**
 * Who sends to us: rates and the heaviest by client address and by network, how many there are and how many of them are
 * new, and what hostile ones did. Time is the observations' own, as far as `advance` lets it run ahead; what comes late
 * counts as of now. Everything is bounded; what a bound cost stands in `counters`.
 */
export class Sources implements Part {
  readonly name = "sources";
  readonly format = 2;
  readonly #delimiters: string;
  readonly #hasPoints: boolean;
  #nowMs = -Infinity;
  #limitMs = Infinity;
  #recent: number[] = [];
  /** The heaviest of the minute that ended last, until `points` hands them out. */
  #minuteTop: { readonly minute: number; readonly top: Heavy[]; readonly total: number } | null = null;
  #minuteTotal = 0;
  readonly #isOurs: (ip: string) => boolean;
  readonly #options: SourcesOptions;
  #table: SourceTable;
  #parts: ReturnType<typeof createParts>;
  /** Hears of every counted fact, for whoever counts over more than the time that is kept here. */
  onFact: ((fact: SourceFact, source: FactSource, atMs: EpochMs, times: number) => void) | null = null;

  constructor(options: SourcesOptions = {}) {
    this.#delimiters = options.delimiters ?? "+";
    this.#hasPoints = options.hasPoints ?? true;
    this.#options = options;
    this.#isOurs = compileOurs(options.ownHops ?? []);
    this.#table = new SourceTable(this.#isOurs);
    this.#parts = createParts(this.#table, options);
  }

  /** Sources that were pushed out of the hostile table and out of the clean history. */
  get counters(): { readonly hostileEvicted: number; readonly rememberedEvicted: number } {
    return { hostileEvicted: this.#parts.hostile.evicted, rememberedEvicted: this.#parts.history.evicted };
  }

  apply(observation: Observation): void {
    if (observation.kind !== "log") return;
    const { event } = observation;
    const what = tellsAbort(event) ? null : kindOf(event.event);
    if (what === null) return;
    const times = event.repeated ?? 1;
    const fault = what === "rejects" ? faultOfRefusal(event) : null;
    // Exim does not say to whom it has no room.
    if (fault !== null) this.#parts.ownRefusals.add(fault, observation.node, this.#tell(observation.atMs), times);
    const { clientIp } = event;
    if (clientIp === undefined || clientIp.length > longestIp) return;
    // First the time: as it moves on, sources are forgotten.
    const atMs = this.#tell(observation.atMs);
    const source = this.#table.of(clientIp);
    const { recent, hostile, sources, rates } = this.#parts;
    recent.see(source, atMs);
    this.onFact?.(what, source, Math.min(observation.atMs, atMs), times);
    if (what === "authFailures") {
      hostile.note(source, what, atMs, times);
      return;
    }
    if (!source.isOurs) sources.add(source, what, atMs, times);
    rates.add(what, atMs, times);
    this.#minuteTotal += times;
    if (what === "rejects") {
      hostile.note(source, "rejected", atMs, times);
    } else if (what === "messages" && source.hostile !== null) source.hostile.messages += 1;
    // Where there was no room to remember it.
    if (source.isOurs) this.#table.release(source);
  }

  /** What the log's joined lines say of one message and recipient: was it forged as from its own recipient? */
  noteMessage(fact: MessageFact): void {
    const { clientIp } = fact;
    if (fact.ownBounce || clientIp === null || clientIp.length > longestIp) return;
    const atMs = this.#tell(fact.atMs);
    const source = this.#table.of(clientIp);
    const { recent, history, hostile, spoof, spoofing } = this.#parts;
    recent.touch(source, atMs);
    const facing = !fact.authenticated && fact.hosted;
    const forged = facing && senderIsRecipient(fact.sender, fact.recipient, this.#delimiters);
    if (!forged) {
      if (facing) spoof.add(false, atMs);
      // One that has forged before is not clean because of one honest-looking mail.
      if (source.hostile === null || source.hostile.spoofed === 0) history.note(source, atMs);
      return;
    }
    const known = history.knows(source, atMs);
    spoof.add(!known, atMs);
    if (known) return;
    recent.see(source, atMs);
    spoofing.add(source.ip, atMs);
    hostile.note(source, "spoofed", atMs);
    this.onFact?.("spoofed", source, Math.min(fact.atMs, atMs), 1);
    history.forget(source);
  }

  /** What came then turns out to be mail that had come before: the site's rate counts it once. */
  noteReturn(arrivalMs: EpochMs): void {
    this.#parts.rates.takeBack(arrivalMs);
  }

  /**
   * Moves the clock on; best called before a turn's observations, since what is stamped more than a minute ahead of the
   * clock counts as a minute ahead. `section` and `points` do it by themselves.
   */
  advance(nowMs: EpochMs): void {
    if (nowMs + backMs < this.#nowMs) this.#beginAnew();
    this.#limitMs = nowMs + aheadMs;
    if (nowMs > this.#nowMs) this.#roll(nowMs);
  }

  section(nowMs: EpochMs): Inbound {
    this.advance(nowMs);
    const { recent, spoofing, spoof, usualFresh } = this.#parts;
    const { distinct, fresh, exact } = recent.count(nowMs);
    const now = {
      distinctSources: distinct,
      distinctExact: exact,
      newSources: fresh,
      usualNewSources: usualFresh.usual(nowMs),
      spoofShare: spoof.share(nowMs),
      spoofingSources: spoofing.count(nowMs).count,
      refusedByUs: this.#refusedByUs(nowMs),
    };
    return new Inbound(now, {
      rates: () => this.#parts.rates.rates(nowMs),
      usualSources: () => this.#parts.usualDistinct.usual(nowMs),
      top: () => this.top("5m", 20),
      recentSources: () => this.#recent,
    });
  }

  #refusedByUs(nowMs: EpochMs): RefusedByUs | null {
    const refused = this.#parts.ownRefusals.lately(nowMs);
    if (refused === null) return null;
    const taken = this.#parts.rates.rates(nowMs).messages * 60;
    return { ...refused, share: refused.count / (refused.count + taken) };
  }

  /** The heaviest sources, what they made within the span beside what they are known for; lower bounds under a flood. */
  top(span: HeavySpan, most: number): SourceView[] {
    return this.#parts.sources.top(span, most).map((heavy) => this.#view(heavy));
  }

  /** Most hostile first, then most messages. */
  hostile(most: number): HostileSource[] {
    return this.#parts.hostile.top(most);
  }

  /** What may be refused as of now, as prefixes. */
  blocklist(nowMs: EpochMs): string[] {
    const { hostile, history } = this.#parts;
    return blocklist(
      hostile.all().filter(({ ip }) => !this.#isOurs(ip)),
      history.known(nowMs),
    );
  }

  /**
   * `mail_sources` of now, and `mail_top_source` once for each minute that has ended. To be asked once a second; whoever
   * has asked for the section of that second already gives it.
   */
  points(nowMs: EpochMs, site: SiteId, section: InboundSection = this.section(nowMs)): Point[] {
    const points = [sourcePoints(site, nowMs, section)];
    if (this.#minuteTop !== null) points.push(...topSourcePoints(site, this.#minuteTop));
    this.#minuteTop = null;
    return points;
  }

  save(): string {
    const own = [finite(this.#nowMs), finite(this.#limitMs), this.#minuteTotal];
    const parts = Object.entries(this.#parts).map(([name, part]) => [name, part.save()]);
    return JSON.stringify({ own, recent: this.#recent, minuteTop: this.#minuteTop, parts: Object.fromEntries(parts) });
  }

  /** To be called on a fresh object. */
  restore(saved: SavedPart): boolean {
    if (saved.format !== this.format) return false;
    const state = JSON.parse(saved.text) as Saved;
    const [nowMs, limitMs, minuteTotal] = state.own;
    this.#nowMs = nowMs ?? -Infinity;
    this.#limitMs = limitMs ?? Infinity;
    this.#minuteTotal = minuteTotal ?? 0;
    this.#recent = state.recent;
    this.#minuteTop = state.minuteTop;
    for (const [name, part] of Object.entries(this.#parts)) part.restore(state.parts[name] as never);
    return true;
  }

  /** The time that an observation counts as: never behind what is closed, never far ahead of the clock. */
  #tell(atMs: EpochMs): EpochMs {
    const countedMs = Math.min(atMs, this.#limitMs);
    if (countedMs > this.#nowMs) this.#roll(countedMs);
    return this.#nowMs;
  }

  /**
   * A clock was set back: what lately means is no more, and would not be until it comes there again. Who is known, for what, and
   * how many are usual, stays.
   */
  #beginAnew(): void {
    const { history, hostile, usualDistinct, usualFresh } = this.#parts;
    this.#table = new SourceTable(this.#isOurs);
    const anew = createParts(this.#table, this.#options);
    anew.history.restore(history.save());
    anew.hostile.restore(hostile.save());
    anew.usualDistinct.restore(usualDistinct.save());
    anew.usualFresh.restore(usualFresh.save());
    this.#parts = anew;
    this.#nowMs = -Infinity;
    this.#minuteTop = null;
    this.#minuteTotal = 0;
  }

  #roll(nowMs: EpochMs): void {
    const minute = Math.floor(nowMs / 60_000);
    const before = Math.floor(this.#nowMs / 60_000);
    this.#nowMs = nowMs;
    const { sources } = this.#parts;
    if (minute > before) {
      sources.advance(nowMs);
      if (this.#hasPoints && this.#minuteTotal > 0 && Number.isFinite(before))
        this.#minuteTop = { minute: before, top: sources.top("1m", 20), total: this.#minuteTotal };
      this.#minuteTotal = 0;
      this.#eachMinute(nowMs, minute, before);
    }
    sources.advance(nowMs);
  }

  #eachMinute(nowMs: EpochMs, minute: number, before: number): void {
    const { recent, hostile, history, usualDistinct, usualFresh } = this.#parts;
    const { distinct, fresh } = recent.count(nowMs);
    usualDistinct.add(distinct, nowMs);
    usualFresh.add(fresh, nowMs);
    this.#recent = [...this.#recent, distinct].slice(-60);
    if (Math.floor(minute / 60) === Math.floor(before / 60)) return;
    hostile.expire(nowMs - keepHostileMs);
    history.expire(nowMs);
  }

  #view({ key, messages, connections, rejects, firstMs }: Heavy): SourceView {
    const hostile = this.#table.find(key)?.hostile;
    return {
      ip: key,
      network: networkOf(key),
      messages,
      connections,
      rejects,
      spoofed: hostile?.spoofed ?? 0,
      authFailures: hostile?.authFailures ?? 0,
      firstSeenMs: Math.min(firstMs, hostile?.firstSeenMs ?? firstMs),
    };
  }
}

interface Saved {
  readonly own: readonly (number | null)[];
  readonly recent: number[];
  readonly minuteTop: { readonly minute: number; readonly top: Heavy[]; readonly total: number } | null;
  readonly parts: Readonly<Record<string, unknown>>;
}

function createParts(
  table: SourceTable,
  { mostDistinct = 200_000, mostHeavy = 1_000, mostHostile = 50_000, mostRemembered = 200_000 }: SourcesOptions,
) {
  const history = new CleanHistory(table, { probationMs: 3_600_000, keepDays: 30, most: mostRemembered });
  return {
    history,
    hostile: new HostileTable(table, mostHostile),
    recent: new RecentSources(table, history, mostDistinct),
    sources: new HeavySources(table, mostHeavy),
    rates: new PerMinute(),
    ownRefusals: new OwnRefusals(),
    spoofing: new ActiveSet({ windowMs: 300_000, stepMs: 10_000, most: mostDistinct }),
    spoof: new SpoofShare(),
    usualDistinct: new HourOfWeek(),
    usualFresh: new HourOfWeek(),
  };
}

function kindOf(event: MailEventKind): SourceKind | "authFailures" | null {
  if (event === "connect") return "connections";
  // Postfix' queue manager states no client in its `message`; MTAs that say `message` only do.
  if (event === "client" || event === "message") return "messages";
  if (event === "reject") return "rejects";
  return event === "auth-failure" ? "authFailures" : null;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
/** Longer than any address. */
const longestIp = 64;
/** A log whose clock is a little fast is believed; beyond this it counts as of now. */
const aheadMs = 60_000;
/** Further behind what was told last than any log may be ahead. */
const backMs = 2 * aheadMs;
/** Addresses are personal data: kept for 72 hours at most. */
const keepHostileMs = 72 * 3_600_000;
