import {
  type Attribution,
  attributions,
  type CountedView,
  type DelayEstimate,
  type EpochMs,
  type Freshness,
  type HostView,
  type NodeId,
  type QueueSection,
  type Seconds,
  type Sentence,
} from "@mailtide/shared";
import type { Counted, CountedBook } from "./book.ts";
import type { DelayEvaluation, DelayNow, HostQueues } from "../model/delay-api.ts";
import { sentence } from "../text/sentence.ts";
import { allHosts, hostsOf } from "./hosts.ts";
import { whoseQueue } from "./whose.ts";

const mostViews = 100;
const mostNodes = 20;
/** Names of queues on a screen, and in the series. */
const mostNames = 64;

/**
 * What others counted, beside what the model knows. A node with a log keeps the log's numbers and the counts stand beside;
 * of a node without one they are all there is, and what they tell of delay is an estimate.
 */
export class Reckoning {
  readonly #views: CountedView[] = [];
  /** Of nodes that nobody else speaks of. */
  readonly #alone: Alone[] = [];

  readonly #isAll: boolean;

  constructor(book: CountedBook, collectors: Freshness["collectors"], nowMs: EpochMs) {
    this.#isAll = !collectors.some(isLog);
    if (book.isEmpty) return;
    for (const [node, sources] of book.read(nowMs)) {
      const isLogged = collectors.some((each) => each.node === node && isLog(each));
      const chosen = isLogged ? [] : countedBy(sources);
      for (const counted of sources) {
        const isChosen = chosen.includes(counted);
        if (!isChosen && counted.isListing) continue;
        const tally = tallyOf(node, counted, !isChosen);
        if (isChosen) this.#alone.push({ ...tally, isListing: counted.isListing });
        this.#views.push(tally.view);
      }
    }
  }

  /** Never green by default: of a node that is only counted, nobody knows that its mail is on time. */
  estimated(delay: DelayNow): DelayNow {
    if (this.#alone.length === 0) return delay;
    const estimate = { ...estimateOf(this.#alone.map(({ view }) => view)), isAll: this.#isAll };
    if (delay.verdict === "unknown") return { ...delay, ...(this.#isAll ? unmeasured : {}), estimate };
    if (this.#isAll) return { ...delay, ...unmeasured, verdict: "estimate", estimate };
    return { ...delay, verdict: delay.verdict === "late" ? "late" : "estimate", estimate };
  }

  /** Why what is measured is not all: nodes of which only counts are known. */
  doubt(): Sentence | null {
    const nodes = [...new Set(this.#alone.map(({ view }) => view.node))];
    return nodes.length === 0 ? null : sentence("counted.only", { nodes: nodes.slice(0, 3), more: nodes.length - 3 });
  }

  queues(evaluation: Pick<DelayEvaluation, "queues" | "facts">): QueueSection {
    const { queues } = evaluation;
    const { nodes } = evaluation.facts;
    if (this.#views.length === 0) return { ...queues, ...hostsOf(queues, nodes, []) };
    const added = this.#added(nodes);
    const counted = {
      ownWaiting: this.#alone.reduce((sum, { view }) => sum + view.waiting, 0),
      nodes: this.#views.toSorted(byWeight).slice(0, mostViews),
    };
    const section = added.reduce(withCounts, queues);
    return { ...section, ...hostsOf(section, nodes, added.map(hostOf)), counted };
  }

  /** Every host, where most waits on us first; `logged`: as the logs tell them. */
  hosts(logged: readonly HostView[]): readonly HostView[] {
    return allHosts(logged, this.#added(logged).map(hostOf));
  }

  /** What stands in no queue of the model yet. */
  #added(logged: readonly HostView[]): readonly Alone[] {
    const isQueued = (node: NodeId): boolean => logged.some((each) => each.node === node && each.queued > 0);
    return this.#alone.filter((tally) => !isThere(tally, isQueued(tally.view.node)));
  }

  /** What waits at one node, with what only others counted there. */
  host(node: NodeId, told: HostQueues): HostQueues {
    const isQueued = told.queues.some(({ count }) => count > 0);
    const added = this.#alone.filter((tally) => tally.view.node === node && !isThere(tally, isQueued));
    return added.reduce(withCounts, told);
  }
}

/** A listing that named its messages stands in the model's queues already. */
const isThere = ({ isListing }: Alone, isQueued: boolean): boolean => isListing && isQueued;

/** The MTA's own listings, one for each of its instances, before what others counted; of them one is enough, or a message would count twice. */
function countedBy(sources: readonly Counted[]): readonly Counted[] {
  const own = sources.filter(isOwnListing);
  return own.length > 0 ? own : sources.filter(hasQueues).slice(0, 1);
}

const isLog = ({ id }: Freshness["collectors"][number]): boolean => id.endsWith("-log");
const hasQueues = ({ queues }: Counted): boolean => queues.size > 0;
const isOwnListing = (counted: Counted): boolean => counted.isListing && hasQueues(counted);

type Alone = Tally & { readonly isListing: boolean };
interface Tally {
  readonly view: CountedView;
  readonly waiting: QueueSection["waiting"];
}

function tallyOf(node: NodeId, { by, atMs, queues, waiting: told, rates }: Counted, isBeside: boolean): Tally {
  const waiting = told === null ? { ...nothing } : mapped(told, ({ count, ...ages }) => ({ count, ...oldestOf(ages) }));
  let sureSeconds = told === null ? null : waiting.own.oldestSeconds;
  let atLeast = false;
  const shown = [...queues].sort(byName).map(([name, { count, bytes, oldestAgeSeconds, ageIsAtLeast }]) => {
    const { whose, isSure } = whoseQueue(name);
    const oldestSeconds = count === 0 ? null : oldestAgeSeconds;
    if (told === null) {
      waiting[whose] = sumOf(waiting[whose], { count, oldestSeconds });
      if (isSure) sureSeconds = larger(sureSeconds, oldestSeconds);
    }
    if (ageIsAtLeast === true && oldestSeconds !== null && whose !== "held") atLeast = true;
    return { name, whose, count, bytes, oldestSeconds };
  });
  const { own, unknown } = waiting;
  const view = {
    node,
    by,
    atMs,
    isBeside,
    waiting: own.count + unknown.count,
    oldestSeconds: larger(own.oldestSeconds, unknown.oldestSeconds),
    sureSeconds,
    atLeast,
    arrivedPerSecond: rates?.arrived ?? null,
    leftPerSecond: rates?.left ?? null,
    queues: shown,
  };
  return { view, waiting };
}

function estimateOf(alone: readonly CountedView[]): Omit<DelayEstimate, "isAll"> {
  const seconds = alone.reduce<Seconds | null>((most, view) => larger(most, view.oldestSeconds), null);
  const sureSeconds = alone.reduce<Seconds | null>((most, view) => larger(most, view.sureSeconds), null);
  return {
    nodes: [...new Set(alone.map(({ node }) => node))].slice(0, mostNodes),
    seconds,
    sureSeconds,
    atMost: seconds !== null && (sureSeconds ?? 0) < seconds * 0.9,
    atLeast: alone.some((view) => view.atLeast),
  };
}

const hostOf = ({ view }: Tally): HostView => ({
  node: view.node,
  queued: view.queues.reduce((sum, { count }) => sum + count, 0),
  ownQueued: view.waiting,
  oldestOwnSeconds: view.oldestSeconds,
  lastDepartureMs: null,
});

function withCounts<Section extends Pick<QueueSection, "queues" | "waiting">>(
  section: Section,
  { view, waiting }: Tally,
): Section {
  const queues = [...section.queues];
  for (const { name, whose, count, oldestSeconds } of view.queues) {
    const at = queues.findIndex((queue) => queue.name === name);
    const queue = queues[at] ?? { name, count: 0, waiting: mapped(nothing, () => 0), oldestSeconds: null };
    const sum = {
      ...queue,
      ...sumOf(queue, { count, oldestSeconds }),
      waiting: { ...queue.waiting, [whose]: queue.waiting[whose] + count },
    };
    if (at >= 0) queues[at] = sum;
    else if (queues.length < mostNames) queues.push(sum);
  }
  return { ...section, queues, waiting: mapped(section.waiting, (of, whose) => sumOf(of, waiting[whose])) };
}

/** Without any log no acceptance and no end is seen: what the model has then is not zero but nothing. */
const unmeasured = {
  headlineSeconds: null,
  lateShare: null,
  typicalSeconds: null,
  lateSinceMs: null,
  expected: { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: null },
  recovery: { state: "unknown", notBeforeMs: null, atMs: null, lowMs: null, highMs: null },
} as const satisfies Partial<DelayNow>;

interface Some {
  readonly count: number;
  readonly oldestSeconds: Seconds | null;
}
const none: Some = { count: 0, oldestSeconds: null };
const nothing = { own: none, remote: none, recipient: none, policy: none, held: none, unknown: none };

const sumOf = (a: Some, b: Some): Some => ({
  count: a.count + b.count,
  oldestSeconds: larger(a.oldestSeconds, b.oldestSeconds),
});

const oldestOf = (ages: { oldestAgeSeconds: Seconds | null; oldestOwnWaitSeconds: Seconds | null }) => ({
  oldestSeconds: ages.oldestOwnWaitSeconds ?? ages.oldestAgeSeconds,
});

function mapped<In, Out>(
  from: Readonly<Record<Attribution, In>>,
  to: (value: In, whose: Attribution) => Out,
): Record<Attribution, Out> {
  const entries = attributions.map((whose) => [whose, to(from[whose], whose)] as const);
  return Object.fromEntries(entries) as Record<Attribution, Out>;
}

const larger = (a: Seconds | null, b: Seconds | null): Seconds | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

/** Those that are all there is of a node before those beside a log, the fullest first: rules judge what is shown. */
const byWeight = (a: CountedView, b: CountedView): number =>
  Number(a.isBeside) - Number(b.isBeside) || b.waiting - a.waiting;

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
