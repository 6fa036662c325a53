import {
  type DelayVerdict,
  directions,
  type EpochMs,
  type HostView,
  type Millis,
  type NodeId,
  type QueueSection,
} from "@mailtide/shared";
import type { MessageFact } from "../message-fact.ts";
import type { Observation, QueueObservation } from "../observation.ts";
import type { Part, SavedPart } from "../part.ts";
import { type Steps, whole } from "../steps.ts";
import { Breadth } from "./breadth/breadth.ts";
import { CompletenessBook } from "./completeness.ts";
import { Course } from "./course.ts";
import type {
  Completeness,
  DelayEvaluation,
  DelayFacts,
  DelayModelConfig,
  DelayNow,
  DelayTotals,
  HostQueues,
  KnownIds,
} from "./delay-api.ts";
import { Evaluation } from "./evaluation.ts";
import { expectedWait, Movement } from "./expected.ts";
import { Facts } from "./facts.ts";
import { Ledger } from "./ledger.ts";
import { lateHosts } from "./late-hosts.ts";
import { applyListing } from "./listing.ts";
import type { Message } from "./message.ts";
import { Messages } from "./messages.ts";
import { newNodeBook, type NodeBook } from "./node-book.ts";
import { byDirection, isAtMost, type Numbers, numbersOf } from "./numbers.ts";
import { OwnProbes } from "./own-probes.ts";
import { quietUnits } from "./quiet.ts";
import { ownQueued, queueSection } from "./queue-book.ts";
import type { ModelState } from "./model-state.ts";
import { recovery } from "./recovery.ts";
import { restoreModel, saveModel } from "./saving.ts";
import { stuckUnits } from "./stuck.ts";
import { Tracker } from "./tracker.ts";
import type { Unit } from "./unit.ts";

const othersPerStep = 64;
const defaultMaxUnits = 1_000_000;

/** How late the mail of a site is, and whose wait it is: `apply` follows every message, `evaluate` says the numbers. */
export class DelayModel implements Part {
  readonly name = "delay";
  readonly format = 2;
  readonly #config: DelayModelConfig;
  #state: ModelState;
  readonly #facts = new Facts();
  readonly #known = new Map<NodeId, KnownIds>();

  constructor(config: DelayModelConfig) {
    this.#config = config;
    this.#state = newState(config, this.#facts);
  }

  /** Called within `apply`, once for each message and recipient domain. */
  set onMessageFact(listener: ((fact: MessageFact) => void) | null) {
    this.#facts.onMessageFact = listener;
  }

  get onMessageFact(): ((fact: MessageFact) => void) | null {
    return this.#facts.onMessageFact;
  }

  /** Called within `apply` of all mail that is accepted, and of each of its recipients. */
  hearOfTaken(onTaken: Facts["onTaken"], onNamed: Facts["onNamed"]): void {
    this.#facts.onTaken = onTaken;
    this.#facts.onNamed = onNamed;
  }

  /** Mail that comes from there to that node is ours. */
  isOurs(node: NodeId, ip: string): boolean {
    return this.#state.books.get(node)?.hops.ownAddress(ip) === true;
  }

  /** How many units were accepted in the five minutes that begin then. */
  acceptedIn(startMs: EpochMs): number {
    this.#state.ledger.settle();
    return this.#state.ledger.cohorts.unitsIn(startMs);
  }

  /** Called within `apply`, once for each message that a client brought and that turns out to go on one that came before. */
  set onReturn(listener: ((arrivalMs: EpochMs) => void) | null) {
    this.#facts.onReturn = listener;
  }

  /** Units followed now, for a while after they left too. */
  get trackedUnits(): number {
    return this.#state.messages.trackedUnits;
  }

  /** Messages that were too many to be followed. */
  get overflow(): number {
    return this.#state.messages.overflow;
  }

  apply(observation: Observation): void {
    const { books, completeness, tracker, messages, ledger, probes } = this.#state;
    completeness.apply(observation);
    if (observation.kind === "log") tracker.apply(observation);
    if (observation.kind === "health" && observation.probes !== undefined && observation.node !== null)
      if (books.has(observation.node)) probes.state(observation.node, observation.probes);
    if (observation.kind === "probe") this.#state.breadth.resolvers.apply(observation);
    if (observation.kind === "queue") whole(applyListing(observation, messages, ledger, probes));
  }

  /** The same for a listing, which may tell of many messages. */
  *applyInSteps(observation: QueueObservation): Steps {
    const { completeness, messages, ledger, probes } = this.#state;
    completeness.apply(observation);
    yield* applyListing(observation, messages, ledger, probes);
  }

  /** Time goes on to `nowMs`, and never back: due times up to then pass, and what is done is forgotten in its time. */
  advance(nowMs: EpochMs): void {
    whole(this.advanceInSteps(nowMs));
  }

  *advanceInSteps(nowMs: EpochMs): Steps {
    const { ledger, messages, breadth, completeness } = this.#state;
    yield* ledger.advance(nowMs);
    yield* breadth.advance(nowMs, this.#onOurs);
    yield* ledger.settling();
    yield* messages.advance(nowMs);
    completeness.advance(nowMs);
  }

  /** All numbers as of `nowMs`, to which time goes on. */
  evaluate(nowMs: EpochMs): DelayEvaluation {
    return whole(this.evaluateInSteps(nowMs));
  }

  *evaluateInSteps(nowMs: EpochMs): Steps<DelayEvaluation> {
    yield* this.advanceInSteps(nowMs);
    const { ledger, messages, breadth, course, movement } = this.#state;
    const { cohorts, window, work } = ledger;
    const site = numbersOf(cohorts, window, "all", nowMs);
    const completeness = this.#state.completeness.read(nowMs, messages.overflow, messages.lastOverflowMs);
    const ownWaiting = ownWaitingOf(ledger);
    const notMovingSinceMs = movement.read(ownWaiting, work.lastDepartureMs, nowMs);
    const sleeping = Math.max(0, ownWaiting - work.due);
    const arrivingPerSecond = work.arrivingPerSecond(nowMs);
    const leavingPerSecond = work.leavingPerSecond(nowMs);
    const tendency = course.add(nowMs, site.headlineMs, ledger.targetMs);
    const { headlineSeconds, lateShare, typicalSeconds } = site.shown;
    const now: DelayNow = {
      headlineSeconds,
      lateShare,
      typicalSeconds,
      verdict: verdictOf(site, ledger, completeness),
      tendency,
      atLeast: !completeness.complete,
      atMost: isAtMost(cohorts, site.headlineMs, nowMs),
      lateSinceMs: course.lateSinceMs,
      breadth: breadth.broken,
      stuck: yield* stuckUnits(cohorts, site.headlineMs, nowMs),
      ...(yield* this.#lateHosts(site.headlineMs, nowMs)),
      expected: expectedWait(site.recent, work, notMovingSinceMs),
      recovery: recovery(site.headlineMs, ledger.targetMs, sleeping, work, { nowMs, arrivingPerSecond }),
      work: { due: work.due, busyPerSecond: work.busyRate()?.median ?? null, arrivingPerSecond, leavingPerSecond },
    };
    return new Evaluation(now, completeness, {
      directions: () => byDirection(cohorts, window, nowMs),
      queues: () => this.#queues(nowMs),
      facts: () => this.#factsOf(site, now, ownWaiting, nowMs),
    });
  }

  /** While the site as a whole is late nobody asks which host is: they all are, or most waits at one. */
  *#lateHosts(headlineMs: Millis | null, nowMs: EpochMs): Steps<Pick<DelayNow, "lateHosts">> {
    const { ledger, books } = this.#state;
    if (books.size < 2 || (headlineMs ?? 0) > ledger.targetMs) return {};
    return { lateHosts: yield* lateHosts(ledger.cohorts, books, ledger.targetMs, nowMs) };
  }

  /** Waits that turn out to be ours. */
  readonly #onOurs = (unit: Unit, fromMs: EpochMs): void => {
    this.#state.ledger.claim(unit, fromMs);
    this.#state.messages.resettle(unit);
  };

  /** What waits at each node, as it stands. */
  hosts(nowMs: EpochMs): readonly HostView[] {
    return [...this.#state.books.values()].map(({ id, queues, departures: { lastMs: lastDepartureMs } }) => {
      const { count, oldestSeconds } = ownQueued(queues, nowMs);
      return { node: id, queued: queues.count, ownQueued: count, oldestOwnSeconds: oldestSeconds, lastDepartureMs };
    });
  }

  /** What waits at one node, as it stands; null of one that is not configured. */
  host(node: NodeId, nowMs: EpochMs): HostQueues | null {
    const book = this.#state.books.get(node);
    if (book === undefined) return null;
    const { queues, waiting, listedAtMs } = queueSection([book.queues], nowMs, 0, book.listedAtMs);
    return { queues, waiting, listedAtMs, lastDepartureMs: book.departures.lastMs };
  }

  #queues(nowMs: EpochMs): QueueSection {
    const nodes = [...this.#state.books.values()];
    const listedAtMs = newest(nodes.map((node) => node.listedAtMs));
    const { unexplained } = this.#state.ledger.totals;
    return queueSection(
      nodes.map((node) => node.queues),
      nowMs,
      unexplained,
      listedAtMs,
    );
  }

  #factsOf(site: Numbers, { work }: DelayNow, ownWaiting: number, nowMs: EpochMs): DelayFacts {
    const { ledger, books } = this.#state;
    const nodes = [...books.values()];
    const oldestStartMs = oldestOwnMs(ledger);
    return {
      ownWaiting,
      oldestOwnWaitSeconds: oldestStartMs === null ? null : Math.max(0, nowMs - oldestStartMs) / 1_000,
      queued: nodes.reduce((sum, node) => sum + node.queues.count, 0),
      acceptedLast15Min: site.recent.unitsLast15Min,
      lateUnits: site.recent.late,
      lastDepartureMs: ledger.work.lastDepartureMs,
      arrivingPerSecond: work.arrivingPerSecond,
      leavingPerSecond: work.leavingPerSecond,
      workDue: work.due,
      nodes: this.hosts(nowMs),
      totals: this.totals,
    };
  }

  get totals(): DelayTotals {
    this.#state.ledger.settle();
    return { ...this.#state.ledger.totals, overflow: this.overflow };
  }

  /**
   * A view on the live model, for comparing a listing with; the same each time, for it is asked for with every entry. Nothing
   * is known of a node that is not configured.
   */
  knownIds(node: NodeId): KnownIds {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const view = this.#viewOf(node);
    if (this.#state.books.has(node)) this.#known.set(node, view);
    return view;
  }

  #viewOf(node: NodeId): KnownIds {
    const bookNow = (): NodeBook | undefined => this.#state.books.get(node);
    // A listing may not say of which Postfix instance it is.
    const known = (id: string): Message | undefined => {
      const book = bookNow();
      return book?.messages.get(id) ?? book?.keys.all(id)[0];
    };
    return {
      has: (id) => known(id) !== undefined,
      arrivalMs: (id) => {
        const message = known(id);
        return message?.arrivalKnown === true ? message.arrivalMs : null;
      },
      acceptedBefore: (atMs) => acceptedBefore(bookNow(), atMs),
    };
  }

  save(): string {
    return saveModel(this.#state);
  }

  restore(saved: SavedPart): boolean {
    this.#state = newState(this.#config, this.#facts);
    if (saved.format !== this.format) return false;
    restoreModel(this.#state, saved.text);
    return true;
  }
}

/** Everything that the model remembers. */
function newState(config: DelayModelConfig, facts: Facts): ModelState {
  const breadth = new Breadth();
  const books = new Map(config.nodes.map((node) => [node.id, newNodeBook(node, breadth)]));
  const ledger: Ledger = new Ledger(config.site.targetSeconds * 1_000, (unit) => messages.resettle(unit));
  const messages: Messages = new Messages(books, ledger, config.site.maxUnits ?? defaultMaxUnits, (message) =>
    facts.noteReturn(message),
  );
  const probes = new OwnProbes(config.site.probes ?? []);
  return {
    books,
    ledger,
    messages,
    probes,
    tracker: new Tracker(messages, ledger, facts, probes),
    breadth,
    completeness: new CompletenessBook(),
    course: new Course(),
    movement: new Movement(),
  };
}

function verdictOf(site: Numbers, ledger: Ledger, completeness: Completeness): DelayVerdict {
  if (site.headlineMs !== null && site.headlineMs > ledger.targetMs) return "late";
  if (!completeness.complete) return "unknown";
  if (site.recent.unitsLast15Min === 0) return "no-traffic";
  return site.recent.unitsLast15Min < quietUnits ? "quiet" : "on-time";
}

function ownWaitingOf({ cohorts }: Ledger): number {
  let count = 0;
  for (const direction of directions) for (const { own } of cohorts.live(direction)) count += own.total;
  return count;
}

function oldestOwnMs({ cohorts }: Ledger): EpochMs | null {
  let oldest = Infinity;
  for (const direction of directions)
    for (const { own, startMs } of cohorts.live(direction))
      // Virtual starts are never before acceptance, so a cohort that began later can not hold an older one.
      if (startMs / 1_000 < oldest) oldest = Math.min(oldest, own.first() ?? Infinity);
  return oldest === Infinity ? null : oldest * 1_000;
}

/** Where much mail comes and goes, nearly all that is remembered has left. */
function* acceptedBefore(book: NodeBook | undefined, atMs: EpochMs): Generator<string | null> {
  let others = 0;
  for (const message of book?.messages.values() ?? []) {
    if (message.state === "queued" && !message.apart && message.arrivalMs < atMs) yield message.id;
    else if (++others % othersPerStep === 0) yield null;
  }
}

function newest(instants: readonly (EpochMs | null)[]): EpochMs | null {
  return instants.reduce((latest, at) => (at !== null && (latest === null || at > latest) ? at : latest), null);
}
