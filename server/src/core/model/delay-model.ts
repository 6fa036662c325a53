import { type DelaySection, type DelayVerdict, directions, type EpochMs, type NodeId } from "@mailtide/shared";
import type { MessageFact } from "../message-fact.ts";
import type { Observation } from "../observation.ts";
import type { Part, SavedPart } from "../part.ts";
import { Breadth } from "./breadth/breadth.ts";
import { CompletenessBook } from "./completeness.ts";
import { Course } from "./course.ts";
import type {
  Completeness,
  DelayEvaluation,
  DelayFacts,
  DelayModelConfig,
  DelayTotals,
  KnownIds,
} from "./delay-api.ts";
import { expectedWait, Movement } from "./expected.ts";
import { Facts } from "./facts.ts";
import { Ledger } from "./ledger.ts";
import { applyListing } from "./listing.ts";
import { Messages } from "./messages.ts";
import { newNodeBook, type NodeBook } from "./node-book.ts";
import { byDirection, isAtMost, type Numbers, numbersOf } from "./numbers.ts";
import { quietUnits } from "./quiet.ts";
import { ownQueued, queueSection } from "./queue-book.ts";
import type { ModelState } from "./model-state.ts";
import { recovery } from "./recovery.ts";
import { restoreModel, saveModel } from "./saving.ts";
import { stuckUnits } from "./stuck.ts";
import { Tracker } from "./tracker.ts";

const defaultMaxUnits = 1_000_000;

/** How late the mail of a site is, and whose wait it is: `apply` follows every message, `evaluate` says the numbers. */
export class DelayModel implements Part {
  readonly name = "delay";
  readonly format = 1;
  readonly #config: DelayModelConfig;
  #state: ModelState;
  readonly #facts = new Facts();

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

  /** Units followed now, for a while after they left too. */
  get trackedUnits(): number {
    return this.#state.messages.trackedUnits;
  }

  /** Messages that were too many to be followed. */
  get overflow(): number {
    return this.#state.messages.overflow;
  }

  apply(observation: Observation): void {
    const { completeness, tracker, messages, ledger } = this.#state;
    completeness.apply(observation);
    if (observation.kind === "log") tracker.apply(observation);
    if (observation.kind === "probe") this.#state.breadth.resolvers.apply(observation);
    if (observation.kind === "queue") applyListing(observation, messages, ledger);
  }

  /** All numbers as of `nowMs`, which never goes back; due times up to then pass. `facts` are as of when they are asked for. */
  evaluate(nowMs: EpochMs): DelayEvaluation {
    const { ledger, messages, books, breadth, course, movement } = this.#state;
    ledger.advance(nowMs);
    breadth.advance(nowMs, (unit, fromMs) => {
      ledger.claim(unit, fromMs);
      messages.resettle(unit);
    });
    messages.advance(nowMs);
    this.#state.completeness.advance(nowMs);

    const { cohorts, window, work } = ledger;
    const site = numbersOf(cohorts, window, "all", nowMs);
    const completeness = this.#state.completeness.read(nowMs, messages.overflow, messages.lastOverflowMs);
    const tendency = course.add(nowMs, site.headlineMs, ledger.targetMs);
    const { count: ownWaiting, oldestStartMs } = ownWaitingOf(ledger);
    const notMovingSinceMs = movement.read(ownWaiting, work.lastDepartureMs, nowMs);
    const sleeping = Math.max(0, ownWaiting - work.due);
    const [arrivingPerSecond, leavingPerSecond] = [work.arrivingPerSecond(nowMs), work.leavingPerSecond(nowMs)];
    const nodes = [...books.values()];
    const queues = nodes.map((node) => node.queues);
    const facts = (): DelayFacts => ({
      ownWaiting,
      oldestOwnWaitSeconds: oldestStartMs === null ? null : Math.max(0, nowMs - oldestStartMs) / 1_000,
      queued: queues.reduce((sum, book) => sum + book.count, 0),
      acceptedLast15Min: site.recent.unitsLast15Min,
      lateUnits: site.recent.late,
      lastDepartureMs: work.lastDepartureMs,
      arrivingPerSecond,
      leavingPerSecond,
      workDue: work.due,
      nodes: nodes.map((node) => {
        const own = ownQueued(node.queues, nowMs);
        const { id, lastDepartureMs } = node;
        return {
          node: id,
          queued: node.queues.count,
          ownQueued: own.count,
          oldestOwnSeconds: own.oldestSeconds,
          lastDepartureMs,
        };
      }),
      totals: this.totals,
    });
    // No rule looks at them: they are found when somebody asks, which must be before the next fact.
    let directions: DelaySection["directions"] | null = null;
    const lazy = { enumerable: true, get: () => (directions ??= byDirection(cohorts, window, nowMs)) };
    return {
      delay: Object.defineProperty<DelaySection>(
        {
          ...site.shown,
          verdict: verdictOf(site, ledger, completeness),
          tendency,
          atLeast: !completeness.complete,
          atMost: isAtMost(cohorts, site.headlineMs, nowMs),
          lateSinceMs: course.lateSinceMs,
          directions: {},
          breadth: breadth.broken,
          stuck: stuckUnits(cohorts, site.headlineMs, nowMs),
          expected: expectedWait(site.recent, work, notMovingSinceMs),
          recovery: recovery(site.headlineMs, ledger.targetMs, sleeping, work, { nowMs, arrivingPerSecond }),
          work: { due: work.due, busyPerSecond: work.busyRate()?.median ?? null, arrivingPerSecond, leavingPerSecond },
        },
        "directions",
        lazy,
      ),
      queues: queueSection(queues, nowMs, ledger.totals.unexplained, newest(nodes.map((node) => node.listedAtMs))),
      completeness,
      get facts() {
        return facts();
      },
    };
  }

  get totals(): DelayTotals {
    return { ...this.#state.ledger.totals, overflow: this.overflow };
  }

  /** A view on the live model, for comparing a listing with. Nothing is known of a node that is not configured. */
  knownIds(node: NodeId): KnownIds {
    const messages = this.#state.books.get(node)?.messages ?? new Map();
    return {
      has: (id) => messages.has(id),
      acceptedBefore: (atMs) => acceptedBefore(this.#state.books.get(node), atMs),
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
  const messages: Messages = new Messages(books, ledger, config.site.maxUnits ?? defaultMaxUnits);
  const tracker = new Tracker(messages, ledger, facts);
  return {
    books,
    ledger,
    messages,
    tracker,
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

function ownWaitingOf({ cohorts }: Ledger): { count: number; oldestStartMs: EpochMs | null } {
  let [count, oldest] = [0, Infinity];
  for (const direction of directions) {
    for (const { own, startMs } of cohorts.live(direction)) {
      count += own.total;
      // Virtual starts are never before acceptance, so a cohort that began later can not hold an older one.
      if (startMs / 1_000 >= oldest) continue;
      oldest = Math.min(oldest, own.first() ?? Infinity);
    }
  }
  return { count, oldestStartMs: oldest === Infinity ? null : oldest * 1_000 };
}

function* acceptedBefore(book: NodeBook | undefined, atMs: EpochMs): Generator<string> {
  for (const message of book?.messages.values() ?? [])
    if (message.state === "queued" && message.arrivalMs < atMs) yield message.id;
}

function newest(instants: readonly (EpochMs | null)[]): EpochMs | null {
  return instants.reduce((latest, at) => (at !== null && (latest === null || at > latest) ? at : latest), null);
}
