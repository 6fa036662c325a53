import type { AtSenders, EpochMs, NodeId, Seconds } from "@mailtide/shared";
import type { LogObservation } from "../observation.ts";
import type { Part, SavedPart } from "../part.ts";
import { isChosenPause, isTemporary } from "../refusal.ts";
import { networkOf } from "../sources/network.ts";
import { type SavedCohorts, SenderCohorts } from "./cohorts.ts";
import { numberOf } from "../sketch/number-of.ts";
import { pairText, tripleText } from "./names.ts";
import { rowOf, type Triple, tripleOf, type TripleRow, Triples } from "./triples.ts";

/** Mail that a client brought and that was accepted. */
export interface TakenMail {
  readonly clientIp: string | null;
  readonly sender: string | null;
  readonly arrivalMs: EpochMs;
  /** 0 where nobody has said. */
  readonly nrcpt: number;
}

export interface SendersOptions {
  /** Whether a client of a node is ours: what such a one is refused waits in a queue of ours. */
  readonly isOurs?: (node: NodeId, ip: string) => boolean;
  /**
   * So many triples are followed that came back, and a quarter as many that did not yet. Default 400,000: a day's refusals of a site
   * of eight mails a second. The first to go is the one that was last tried the longest ago, which mostly waits the longest.
   */
  readonly mostTriples?: number;
}

/** An open one is given up so long after its last try. */
const givenUpSeconds = 4 * 3_600;
/** What a sender tries again so soon belongs to the same try: it goes through all our hosts, or tries to be let in. */
const sameTrySeconds = 30;
/** A log whose clock is a little fast is believed; beyond this it counts as of now. */
const aheadMs = 60_000;
/** Of one sender of a network, so many recipients are looked at where a line names none. */
const mostOfPair = 100;

/**
 * Waiting at senders (delay.md): mail that we refuse for now waits at its sender, in no queue of ours. By client network, sender
 * and recipient, as numbers: no address is kept. Who does not come back within four hours is given up, and counts as one that
 * was refused; who is refused for good counts no more.
 */
export class Senders implements Part {
  readonly name = "senders";
  readonly format = 1;
  readonly #isOurs: (node: NodeId, ip: string) => boolean;
  readonly #most: number;
  #triples: Triples;
  #cohorts = new SenderCohorts();
  #nowMs: EpochMs = -Infinity;
  #limitMs: EpochMs = Infinity;
  /** Triples that were too many to be followed, and when the last one was. */
  #dropped = 0;
  #lastDroppedMs: EpochMs = -Infinity;

  constructor({ isOurs = () => false, mostTriples = 400_000 }: SendersOptions = {}) {
    this.#isOurs = isOurs;
    this.#most = mostTriples;
    this.#triples = new Triples(mostTriples);
  }

  /** Refusals alone say anything here. */
  apply({ node, event, atMs }: LogObservation): void {
    if (event.event !== "reject") return;
    const { clientIp, from, to, recipients } = event;
    if (clientIp === undefined || from === undefined) return;
    const isForNow = isTemporary(event);
    if (isForNow ? isChosenPause(event) : this.#triples.size === 0) return;
    if (this.#isOurs(node, clientIp)) return;
    const network = networkOf(clientIp);
    const networkNumber = numberOf(network);
    const pair = pairText(network, from);
    const second = Math.floor(Math.min(atMs, this.#limitMs) / 1_000);
    for (const recipient of recipients ?? [to ?? ""])
      if (isForNow) this.#refuse(networkNumber, pair, recipient, second);
      else this.#refuseForGood(pair, recipient);
  }

  /** Its recipients may not have been said yet: what waits of this sender is taken to be in it, where that can be. */
  taken({ clientIp, sender, arrivalMs, nrcpt }: TakenMail): void {
    const pair = this.#pairOf(clientIp, sender);
    if (pair === null) return;
    const second = Math.floor(arrivalMs / 1_000);
    const unnamed = this.#unnamedOf(pair);
    if (unnamed !== undefined) this.#accept(unnamed, second);
    for (const triple of this.#openOf(pair, Math.max(1, nrcpt)) ?? []) this.#end(triple, second);
  }

  /** A recipient of mail that was accepted; `original` where the address was written over. */
  named({ clientIp, sender, arrivalMs }: TakenMail, recipient: string, original: string | undefined): void {
    const pair = this.#pairOf(clientIp, sender);
    if (pair === null) return;
    for (const address of original === undefined || original === "" ? [recipient] : [original, recipient]) {
      const triple = this.#triples.get(numberOf(tripleText(pair, address)));
      if (triple !== undefined) this.#accept(triple, Math.floor(arrivalMs / 1_000));
    }
  }

  /** To be called before a turn's facts: what is stamped more than a minute ahead of the clock counts as that. */
  advance(nowMs: EpochMs): void {
    // A clock was set back: what began later than now says nothing of it.
    if (nowMs + 2 * aheadMs < this.#nowMs) this.#beginAnew();
    this.#nowMs = nowMs;
    this.#limitMs = nowMs + aheadMs;
    if (this.#triples.size === 0) return;
    const oldSecond = Math.floor(nowMs / 1_000) - givenUpSeconds;
    for (let old = this.#triples.oldBefore(oldSecond); old !== undefined; old = this.#triples.oldBefore(oldSecond))
      this.#forget(old, false);
  }

  /**
   * As of the last `advance`, beside the headline; null where nothing waits. `takenIn` says how much mail was accepted in the five
   * minutes that begin then.
   */
  section(
    headlineSeconds: Seconds | null,
    targetSeconds: Seconds,
    takenIn: (startMs: EpochMs) => number,
  ): AtSenders | null {
    if (!this.#cohorts.areAny) return null;
    const nowMs = this.#nowMs;
    this.#cohorts.advance(nowMs, takenIn);
    const ms = this.#cohorts.headlineMs(nowMs, false);
    const { waiting: count } = this.#cohorts;
    if (ms === null && count === 0) return null;
    const ofAllMs = ms === null ? null : this.#cohorts.headlineMs(nowMs, true);
    const overMs = Math.max(headlineSeconds ?? 0, targetSeconds) * 1_000;
    const notFollowed = nowMs - this.#lastDroppedMs <= givenUpSeconds * 1_000 ? this.#dropped : 0;
    return { seconds: ms === null ? null : ms / 1_000, count, leads: (ofAllMs ?? 0) > overMs, notFollowed };
  }

  save(): string {
    const { now, lastDropped } = { now: finite(this.#nowMs), lastDropped: finite(this.#lastDroppedMs) };
    return JSON.stringify({
      own: [now, this.#dropped, lastDropped],
      cohorts: this.#cohorts.save(),
      triples: [...this.#triples.all()].map(rowOf),
    } satisfies Saved);
  }

  restore(saved: SavedPart): boolean {
    this.#beginAnew();
    if (saved.format !== this.format) return false;
    const { own, cohorts, triples } = JSON.parse(saved.text) as Saved;
    const [nowMs, dropped, lastDroppedMs] = own;
    this.#nowMs = nowMs ?? -Infinity;
    this.#dropped = dropped;
    this.#lastDroppedMs = lastDroppedMs ?? -Infinity;
    this.#cohorts.restore(cohorts);
    for (const row of triples) {
      const triple = tripleOf(row);
      this.#triples.put(triple);
      this.#cohorts.restoreTriple(triple);
    }
    return true;
  }

  #beginAnew(): void {
    this.#triples = new Triples(this.#most);
    this.#cohorts = new SenderCohorts();
    this.#dropped = 0;
    this.#lastDroppedMs = -Infinity;
  }

  /** Null where nothing of that network waits, which is nearly always. */
  #pairOf(clientIp: string | null, sender: string | null): string | null {
    if (this.#triples.size === 0 || clientIp === null || sender === null) return null;
    const network = networkOf(clientIp);
    return this.#triples.hasNetwork(numberOf(network)) ? pairText(network, sender) : null;
  }

  #refuse(network: number, pair: string, recipient: string, second: number): void {
    const key = numberOf(tripleText(pair, recipient));
    const known = this.#triples.get(key);
    if (known !== undefined) {
      this.#tryAgain(known, second);
      return;
    }
    // Before it named whom it is for: it may be any of those that wait.
    if (recipient === "" && this.#tryAllAgain(pair, second)) return;
    const unnamed = this.#unnamedOf(pair);
    if (unnamed !== undefined) this.#forget(unnamed, true);
    const triple: Triple = {
      key,
      pair: numberOf(pair),
      network,
      isNamed: recipient !== "",
      firstSecond: unnamed?.firstSecond ?? second,
      trySecond: unnamed?.trySecond ?? second,
      lastSecond: second,
      isBack: false,
      endSecond: 0,
    };
    this.#cohorts.begin(triple);
    this.#put(triple);
    if (unnamed !== undefined) this.#tryAgain(triple, second);
  }

  #unnamedOf(pair: string): Triple | undefined {
    return this.#triples.get(numberOf(tripleText(pair, "")));
  }

  /** Its named ones that are open; null where they are more than `most`, or it would take long to say. */
  #openOf(pair: string, most: number): readonly Triple[] | null {
    const open: Triple[] = [];
    let looked = 0;
    for (const triple of this.#triples.ofPair(numberOf(pair))) {
      if (triple.endSecond === 0 && triple.isNamed) open.push(triple);
      looked += 1;
      if (open.length > most || looked > most + mostOfPair) return null;
    }
    return open;
  }

  /** True where any of them is open. */
  #tryAllAgain(pair: string, second: number): boolean {
    let looked = 0;
    let areAny = false;
    for (const triple of this.#triples.ofPair(numberOf(pair))) {
      if (triple.endSecond === 0) {
        this.#tryAgain(triple, second);
        areAny = true;
      }
      looked += 1;
      if (looked >= mostOfPair) break;
    }
    return areAny;
  }

  #tryAgain(triple: Triple, second: number): void {
    // It was another mail that was accepted.
    if (triple.endSecond !== 0) {
      this.#cohorts.end(triple, -1);
      triple.endSecond = 0;
      if (triple.isBack) this.#cohorts.wait(triple, 1);
    }
    triple.lastSecond = Math.max(triple.lastSecond, second);
    if (second - triple.trySecond >= sameTrySeconds) {
      triple.trySecond = second;
      if (!triple.isBack) {
        triple.isBack = true;
        this.#cohorts.wait(triple, 1);
      }
    }
    this.#put(triple);
  }

  #put(triple: Triple): void {
    const dropped = this.#triples.put(triple);
    if (dropped === undefined) return;
    this.#stopWaiting(dropped);
    this.#cohorts.forget(dropped, false);
    this.#dropped += 1;
    this.#lastDroppedMs = this.#nowMs;
  }

  #refuseForGood(pair: string, recipient: string): void {
    const triple = this.#triples.get(numberOf(tripleText(pair, recipient)));
    if (triple?.endSecond === 0) this.#forget(triple, true);
  }

  /** It is probably among what was accepted: coming back is being accepted. */
  #end(triple: Triple, second: number): void {
    this.#stopWaiting(triple);
    triple.endSecond = Math.max(triple.firstSecond, second, 1);
    this.#cohorts.end(triple, 1);
  }

  /** It surely is. */
  #accept(triple: Triple, second: number): void {
    if (triple.endSecond === 0) this.#end(triple, second);
    this.#forget(triple, false);
  }

  #forget(triple: Triple, isOut: boolean): void {
    this.#stopWaiting(triple);
    this.#cohorts.forget(triple, isOut);
    this.#triples.remove(triple);
  }

  #stopWaiting(triple: Triple): void {
    if (triple.isBack && triple.endSecond === 0) this.#cohorts.wait(triple, -1);
  }
}

interface Saved {
  readonly own: readonly [nowMs: EpochMs | null, dropped: number, lastDroppedMs: EpochMs | null];
  readonly cohorts: SavedCohorts;
  readonly triples: readonly TripleRow[];
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
