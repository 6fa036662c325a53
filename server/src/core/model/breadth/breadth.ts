import type { DelaySection, EpochMs, NodeId, Share } from "@mailtide/shared";
import type { ReasonClass } from "../../observation.ts";
import { eachInSteps, type Steps } from "../../steps.ts";
import type { Hop } from "../hops.ts";
import type { Unit } from "../unit.ts";
import type { Operator, Tried } from "./operator.ts";
import { Operators } from "./operators.ts";
import { Resolvers } from "./resolvers.ts";
import { isHit, type SavedTries, Tries } from "./tries.ts";

/** Too many different operators do not answer at once: the fault is ours. */
export type Broken = NonNullable<DelaySection["breadth"]>;
type Unanswered = Broken["reason"];

/** Nothing was answered: by connect, by name, or by silence, or TLS came to nothing. What the far side says is its own affair. */
const unanswered: ReadonlySet<ReasonClass> = new Set<Unanswered>([
  "connect-refused",
  "connect-timeout",
  "unreachable",
  "conversation-timeout",
  "dns",
  "tls",
]);

const everyMs = 10_000;
const minOperators = 10;
const minShare: Share = 0.2;
const timesUsual = 3;
/** Until a week is known. */
const assumedUsual: Share = 0.03;
const weekMs = 7 * 86_400_000;
/** Who has failed for longer when it begins is dead by itself. */
const recentMs = 900_000;
/** Retries of what is dead come so rarely that its first failure that we see says nothing before. */
const strangeMs = 4_500_000;
const clearTimes = 0.5;
const mostFailures = 20_000;
const failuresPerStep = 50;
const mostNodes = 1_000;

interface Failure {
  readonly unit: Unit;
  readonly operator: string;
  /** When the attempt began. */
  readonly startMs: EpochMs;
  readonly reason: Unanswered;
}

/**
 * The breadth rule. An operator is hit when more than half of its attempts in the last five minutes, at least two, were not
 * answered. When at least a fifth of the operators tried, at least ten, are hit, and that is three times the usual share or
 * more, the waits that follow are ours from the first such failure of the run on.
 */
export class Breadth {
  readonly operators = new Operators();
  readonly resolvers = new Resolvers();
  readonly #tries = new Tries(0);
  readonly #byNode = new Map<NodeId, Tries>();
  /** Operator -> its first failure since it answered last. */
  readonly #failingSince = new Map<string, EpochMs>();
  /** Those that have answered, ever. */
  #answered = new Set<string>();
  #watchingSinceMs: EpochMs | null = null;
  /** Of the last quarter of an hour, the oldest first. */
  #failures: Failure[] = [];
  #broken: Broken | null = null;
  #nextMs = 0;
  /** Of hit operators while nothing was broken: begun at, how many looks, sum of shares. */
  #usual: [fromMs: EpochMs, looks: number, sum: number] = [0, 0, 0];

  get broken(): Broken | null {
    return this.#broken;
  }

  /** Tries that were not counted, because there were too many operators. */
  get dropped(): number {
    return this.#tries.dropped;
  }

  /** The far side spoke to us, whatever it said. */
  answered(node: NodeId, hop: Hop, domain: string, atMs: EpochMs): void {
    if (hop.host === null && hop.ip === null) return;
    const operator = this.operators.of(hop, domain, false);
    this.operators.learn(domain, operator);
    if (this.#failingSince.size > 0) this.#failingSince.delete(operator.name);
    if (operator.answeredIn !== this.#answered) this.#noteAnswer(operator);
    this.#note(node, operator, false, atMs);
  }

  /** An attempt at a far hop came to nothing for this reason. True: the wait is ours. */
  failed(unit: Unit, hop: Hop, reason: ReasonClass, startMs: EpochMs, atMs: EpochMs): boolean {
    if (!isUnanswered(reason)) {
      this.answered(unit.node, hop, unit.domain, atMs);
      return false;
    }
    const operator = this.operators.of(hop, unit.domain, reason === "dns");
    let sinceMs = this.#failingSince.get(operator.name);
    if (sinceMs === undefined) {
      if (this.#failingSince.size >= mostFailures) this.#failingSince.clear();
      this.#failingSince.set(operator.name, (sinceMs = startMs));
    }
    this.#note(unit.node, operator, true, atMs);
    if (reason === "dns" && this.resolvers.isFailing) return true;
    if (this.#broken !== null) return sinceMs >= this.#broken.sinceMs;
    if (this.#failures.length >= mostFailures) this.#failures.splice(0, mostFailures / 2);
    this.#failures.push({ unit, operator: operator.name, startMs, reason });
    return false;
  }

  /** `onOurs` is told each wait that turns out to be ours, with the instant from which on. */
  *advance(nowMs: EpochMs, onOurs: (unit: Unit, fromMs: EpochMs) => void): Steps {
    if (nowMs < this.#nextMs) return;
    this.#nextMs = Math.floor(nowMs / everyMs) * everyMs + everyMs;
    this.#tries.advance(nowMs);
    for (const tries of this.#byNode.values()) tries.advance(nowMs);
    const first = this.#failures.findIndex(({ startMs }) => startMs >= nowMs - recentMs);
    if (first !== 0) this.#failures = first === -1 ? [] : this.#failures.slice(first);

    const { window, hits: hit } = this.#tries;
    const tried = window.size;
    const share = tried === 0 ? 0 : hit / tried;
    const limit = Math.max(minShare, timesUsual * this.#usualShare(nowMs));
    if (this.#broken !== null) {
      // While hardly anything is tried, nothing is known to be whole again.
      if (tried >= minOperators && share < clearTimes * limit) this.#broken = null;
      else this.#broken = { ...this.#broken, hit, tried, nodes: this.#nodes() };
      return;
    }
    if (hit < minOperators || share < limit) {
      this.#learnUsual(share, tried, nowMs);
      return;
    }
    const began = new Set<string>();
    for (const [operator, each] of window) if (isHit(each) && this.#began(operator, nowMs)) began.add(operator);
    // Those that were dead before are many, but no run has begun.
    if (began.size < minOperators) return;
    const ours = this.#failures.filter(({ operator }) => began.has(operator));
    const sinceMs = ours.reduce((least, { startMs }) => Math.min(least, startMs), nowMs);
    this.#broken = { sinceMs, hit, tried, reason: commonest(ours), nodes: this.#nodes() };
    this.#failures = [];
    const claim = ({ unit, startMs }: Failure): void => {
      if (unit.attemptMs === startMs) onOurs(unit, sinceMs);
    };
    yield* eachInSteps(ours, claim, failuresPerStep);
  }

  save(indexOf: (unit: Unit) => number): SavedBreadth {
    return {
      tries: this.#tries.save(),
      nodes: [...this.#byNode].map(([node, tries]) => [node, tries.save()]),
      since: [...this.#failingSince],
      answered: [...this.#answered],
      watchingSinceMs: this.#watchingSinceMs,
      domains: [...this.operators.byDomain],
      failures: this.#failures.map(({ unit, operator, startMs, reason }) => [indexOf(unit), operator, startMs, reason]),
      broken: this.#broken,
      nextMs: this.#nextMs,
      resolvers: this.resolvers.save(),
      usual: this.#usual,
    };
  }

  restore(saved: SavedBreadth, unitOf: (index: number) => Unit | null): void {
    this.#tries.restore(saved.tries);
    for (const [node, tries] of saved.nodes) this.#triesOf(node)?.restore(tries);
    for (const [operator, sinceMs] of saved.since) this.#failingSince.set(operator, sinceMs);
    for (const operator of saved.answered) this.#answered.add(operator);
    this.#watchingSinceMs = saved.watchingSinceMs;
    for (const [domain, operator] of saved.domains) this.operators.byDomain.set(domain, operator);
    this.#failures = saved.failures.flatMap(([index, operator, startMs, reason]) => {
      const unit = unitOf(index);
      return unit === null ? [] : [{ unit, operator, startMs, reason }];
    });
    this.#broken = saved.broken;
    this.#nextMs = saved.nextMs;
    this.resolvers.restore(saved.resolvers);
    this.#usual = saved.usual;
  }

  /** It answered before, or would have failed before if it were dead. */
  #began(operator: string, nowMs: EpochMs): boolean {
    const sinceMs = this.#failingSince.get(operator) ?? 0;
    if (sinceMs < nowMs - recentMs) return false;
    return this.#answered.has(operator) || sinceMs - (this.#watchingSinceMs ?? nowMs) >= strangeMs;
  }

  #noteAnswer(operator: Operator): void {
    if (this.#answered.size >= mostFailures) this.#answered = new Set();
    this.#answered.add(operator.name);
    operator.answeredIn = this.#answered;
  }

  #note(node: NodeId, operator: Operator, isFailed: boolean, atMs: EpochMs): void {
    this.#watchingSinceMs ??= atMs;
    this.#tries.note(operator, isFailed, atMs);
    this.#triesOf(node)?.note(operator, isFailed, atMs);
  }

  #triesOf(node: NodeId): Tries | undefined {
    let tries = this.#byNode.get(node);
    if (tries === undefined && this.#byNode.size < mostNodes)
      this.#byNode.set(node, (tries = new Tries(this.#byNode.size + 1)));
    return tries;
  }

  #nodes(): NodeId[] {
    return [...this.#byNode]
      .filter(([, { window }]) => isConcerned(window.values()))
      .map(([node]) => node)
      .sort();
  }

  #usualShare(nowMs: EpochMs): Share {
    const [fromMs, looks, sum] = this.#usual;
    return looks > 0 && nowMs - fromMs >= weekMs ? sum / looks : assumedUsual;
  }

  /** After a fortnight the older half counts half. */
  #learnUsual(share: Share, tried: number, nowMs: EpochMs): void {
    if (tried < minOperators) return;
    const [fromMs, looks, sum] = this.#usual;
    if (looks === 0) this.#usual = [nowMs, 1, share];
    else if (nowMs - fromMs > 2 * weekMs) this.#usual = [nowMs - weekMs, looks / 2 + 1, sum / 2 + share];
    else this.#usual = [fromMs, looks + 1, sum + share];
  }
}

export interface SavedBreadth {
  readonly tries: SavedTries;
  readonly nodes: [NodeId, SavedTries][];
  readonly since: [string, EpochMs][];
  readonly answered: string[];
  readonly watchingSinceMs: EpochMs | null;
  readonly domains: [string, string][];
  readonly failures: [unit: number, operator: string, startMs: EpochMs, reason: Unanswered][];
  readonly broken: Broken | null;
  readonly nextMs: EpochMs;
  readonly resolvers: [string, number][];
  readonly usual: [EpochMs, number, number];
}

const isUnanswered = (reason: ReasonClass): reason is Unanswered => unanswered.has(reason);

function commonest(failures: readonly Failure[]): Unanswered {
  const counts = new Map<Unanswered, number>();
  for (const { reason } of failures) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  let most: Unanswered = "connect-timeout";
  counts.forEach((count, reason) => {
    if (count > (counts.get(most) ?? 0)) most = reason;
  });
  return most;
}

/** At least half of its tries are in vain. */
function isConcerned(all: Iterable<Tried>): boolean {
  let [tries, fails] = [0, 0];
  for (const each of all) {
    tries += each.tries;
    fails += each.fails;
  }
  return tries >= 4 && 2 * fails >= tries;
}
