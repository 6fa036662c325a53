import type {
  EpochMs,
  Freshness,
  HostView,
  LiveState,
  Mode,
  NodeId,
  Seconds,
  SiteId,
  StageSection,
} from "@mailtide/shared";
import { AlertModel, type AlertModelConfig } from "./alert/model.ts";
import type { Effect } from "./alert/signal.ts";
import type { Incident } from "./incident/incident.ts";
import { Configured } from "./configured.ts";
import { CountedBook } from "./counted/book.ts";
import { Reckoning } from "./counted/section.ts";
import { Dependencies, type ExpectedDependency } from "./dependency/dependencies.ts";
import { probePoint } from "./dependency/points.ts";
import { type ExpectedCollector, FreshnessBook } from "./freshness/freshness.ts";
import type { DelayModelConfig, DelayNow, HostQueues, KnownIds } from "./model/delay-api.ts";
import { DelayModel } from "./model/delay-model.ts";
import { withRoundTrip } from "./model/round-trip.ts";
import type { Change, LogObservation, Observation, Observations, PlayedTick, QueueObservation } from "./observation.ts";
import type { SavedPart } from "./part.ts";
import { type Steps, whole } from "./steps.ts";
import type { Sections } from "./detect/rule.ts";
import { delayPoints, queuePoints, stagePoints } from "./site-points.ts";
import { Senders } from "./senders/senders.ts";
import { Sources, type SourcesOptions } from "./sources/sources.ts";
import { Trend } from "./trend.ts";
import { TurnSections, type WholeSections } from "./turn-sections.ts";
import type { HostFlows } from "./window/host-flows.ts";
import { windowPoints } from "./window/points.ts";
import { Rollup, type RolledUp } from "./window/rollup.ts";
import type { Window } from "./window/window.ts";
import { Windows } from "./window/windows.ts";

/** Plain data, so that a worker thread can build the same core. */
export interface SiteCoreConfig {
  readonly site: { readonly id: SiteId; readonly name: string; readonly timezone: string; readonly locale: string };
  readonly mode: Mode;
  readonly version: string;
  readonly targetSeconds: Seconds;
  readonly delay: DelayModelConfig;
  readonly alerts: AlertModelConfig;
  readonly sources: Omit<SourcesOptions, "ownHops">;
  readonly dependencies: readonly ExpectedDependency[];
  readonly collectors: readonly ExpectedCollector[];
  /** False when nobody stores points: then no turn has any. */
  readonly hasPoints?: boolean;
}

export type HostFacts = HostQueues & HostFlows;

export interface SiteTurn {
  /** What the rules looked at; of it, `queues` and `stages` must be asked for before the next turn. */
  readonly sections: Sections;
  /** Made when it is asked for, which must be before the next turn: later it throws. */
  readonly state: LiveState;
  readonly effects: readonly Effect[];
  readonly points: readonly RolledUp[];
  /** Of logs, as what was taken says. */
  readonly lostLines: number;
}

/**
 * Everything that Mailtide knows of a site, and the one function that moves it on. The same ticks in the same order give the
 * same turns: recovery, checkpoints and replay all rest on that.
 */
export class SiteCore {
  readonly #config: SiteCoreConfig;
  /** Null where what is recorded is played: that states its collectors as it goes. */
  readonly #configured: Configured | null;
  readonly #windows = new Windows();
  readonly #sources: Sources;
  readonly #senders: Senders;
  readonly #dependencies: Dependencies;
  readonly #freshness = new FreshnessBook();
  readonly #delay: DelayModel;
  readonly #counted: CountedBook;
  readonly #alerts: AlertModel;
  readonly #rollup = new Rollup();
  readonly #trend = new Trend();
  readonly #hasPoints: boolean;
  /** Who is told of everything but log lines. */
  readonly #hearers: readonly { apply(observation: Observation): void }[];
  #expecting = false;
  #turns = 0;
  /** Since the turn began. */
  #lostLines = 0;
  #refused = 0;

  constructor(config: SiteCoreConfig) {
    this.#config = config;
    this.#configured = config.mode === "live" ? new Configured(config) : null;
    this.#hasPoints = config.hasPoints ?? true;
    const ownHops = config.delay.nodes.flatMap((node) => node.ownHops ?? []);
    this.#sources = new Sources({ ...config.sources, ownHops, hasPoints: this.#hasPoints });
    this.#senders = new Senders({ isOurs: (node, ip) => this.#delay.isOurs(node, ip) });
    this.#dependencies = new Dependencies(config.dependencies);
    this.#delay = new DelayModel(config.delay);
    this.#delay.onMessageFact = (fact) => this.#sources.noteMessage(fact);
    this.#delay.onReturn = (arrivalMs) => this.#sources.noteReturn(arrivalMs);
    this.#delay.hearOfTaken(
      (mail) => this.#senders.taken(mail),
      (mail, recipient, original) => this.#senders.named(mail, recipient, original),
    );
    this.#counted = new CountedBook(config.delay.nodes.map(({ id }) => id));
    this.#alerts = new AlertModel(config.alerts);
    this.#hearers = [
      this.#windows,
      this.#sources,
      this.#dependencies,
      this.#freshness,
      this.#delay,
      this.#counted,
      this.#alerts,
    ];
  }

  /** Facts that some part could not take; each was left out whole by that part, and the turn went on. */
  get refused(): number {
    return this.#refused;
  }

  /** As they are kept, where the state shows them to people. Oldest first, at most a day after their end. */
  incidents(): readonly Incident[] {
    return this.#alerts.incidents();
  }

  /** Those of the last day. */
  changes(): readonly Change[] {
    return this.#alerts.changes();
  }

  /** Prefixes that may be refused as of the instant of the last turn. */
  blocklist(nowMs: EpochMs): string[] {
    return this.#sources.blocklist(nowMs);
  }

  /** Hears of everything that is counted of a source. */
  set onSourceFact(listener: Sources["onFact"]) {
    this.#sources.onFact = listener;
  }

  knownIds(node: NodeId): KnownIds {
    return this.#delay.knownIds(node);
  }

  /** One host as of the last turn's instant; null of one that is not configured. */
  host(node: NodeId, nowMs: EpochMs): HostFacts | null {
    const told = this.#delay.host(node, nowMs);
    if (told === null) return null;
    return { ...this.#reckoning(nowMs).host(node, told), ...this.#windows.host(node, nowMs) };
  }

  /** What waits at each host as of the last turn's instant, where most waits on us first. */
  hosts(nowMs: EpochMs): readonly HostView[] {
    return this.#reckoning(nowMs).hosts(this.#delay.hosts(nowMs));
  }

  #reckoning(nowMs: EpochMs): Reckoning {
    return new Reckoning(this.#counted, this.#freshness.section(nowMs).collectors, nowMs);
  }

  turn(tick: PlayedTick): SiteTurn {
    return whole(this.turnInSteps(tick));
  }

  /**
   * The same turn, which yields between its steps. What is asked of the core meanwhile is told as it stands; the next turn and
   * a save wait for the end of this one.
   */
  *turnInSteps({ nowMs, observations, commands, pagesSent }: PlayedTick): Steps<SiteTurn> {
    this.#turns += 1;
    this.#lostLines = 0;
    if (!this.#expecting) {
      this.#freshness.expect(this.#config.collectors, nowMs);
      this.#expecting = true;
    }
    this.#sources.advance(nowMs);
    this.#senders.advance(nowMs);
    for (let at = 0; at < observations.length;) {
      const end = Math.min(observations.length, at + factsPerStep);
      for (
        at = this.#takeUntilListing(observations, at, end);
        at < end;
        at = this.#takeUntilListing(observations, at, end)
      ) {
        yield* this.#list(observations.at(at) as QueueObservation);
        at += 1;
      }
      if (at < observations.length) yield;
    }
    for (const { incident, atMs } of pagesSent) this.#alerts.notePageSent(incident, atMs);

    const evaluation = yield* this.#delay.evaluateInSteps(nowMs);
    const closed = this.#windows.advance(nowMs);
    const { completeness } = evaluation;
    const { collectors, slowest } = this.#freshness.section(nowMs);
    const counted = new Reckoning(this.#counted, collectors, nowMs);
    const doubt = counted.doubt();
    const freshness: Freshness = {
      collectors,
      slowest,
      complete: completeness.complete && doubt === null,
      incompleteBecause: doubt === null ? completeness.because : [...completeness.because, doubt],
      lostLines: completeness.lostLines,
      lostShare: completeness.lostShare,
      gaps: completeness.gaps,
    };
    const dependencies = this.#dependencies.section(nowMs);
    const inbound = this.#sources.section(nowMs);
    const roundTrip = this.#dependencies.roundTrip(nowMs);
    const known = withRoundTrip(counted.estimated(evaluation.now), roundTrip, this.#config.targetSeconds);
    const delay = this.#withSenders(known);
    const sections = new TurnSections({ freshness, delay, dependencies, inbound, counted }, evaluation, this.#stages);
    const effects = this.#alerts.turn({ sections, targetSeconds: this.#config.targetSeconds, commands }, nowMs);
    this.#trend.add(nowMs, sections.delay.headlineSeconds);

    const number = this.#turns;
    const stateNow = (): LiveState => {
      if (number !== this.#turns) throw new Error("the state of a turn was asked for after the next one");
      return this.#state(nowMs, sections);
    };
    const points = this.#hasPoints ? this.#points(nowMs, sections.whole(), closed) : [];
    return new Turn(sections, effects, points, this.#lostLines, stateNow);
  }

  /** What waits at its senders stands beside the headline, never in it. */
  #withSenders(delay: DelayNow): DelayNow {
    const acceptedIn = (startMs: EpochMs): number => this.#delay.acceptedIn(startMs);
    const atSenders = this.#senders.section(delay.headlineSeconds, this.#config.targetSeconds, acceptedIn);
    return atSenders === null ? delay : { ...delay, atSenders };
  }

  readonly #stages = (): StageSection => this.#windows.stages();

  #points(nowMs: EpochMs, { delay, queues, stages, inbound }: WholeSections, closed: readonly Window[]): RolledUp[] {
    const site = this.#config.site.id;
    for (const window of closed) for (const point of windowPoints(site, window)) this.#rollup.add(point);
    const secondMs = Math.floor(nowMs / 1000) * 1000;
    const sampled = [
      ...delayPoints(site, delay, secondMs),
      ...queuePoints(site, queues, secondMs),
      ...stagePoints(site, stages, secondMs),
      ...this.#sources.points(secondMs, site, inbound),
    ];
    for (const point of sampled) this.#rollup.add(point);
    return this.#rollup.advance(nowMs);
  }

  save(): ReadonlyMap<string, SavedPart> {
    return new Map(this.#parts().map((part) => [part.name, { format: part.format, text: part.save() }]));
  }

  /** Returns the names of the parts that stand empty because what was saved is not for them. */
  restore(parts: ReadonlyMap<string, SavedPart>): string[] {
    // A recording states its collectors as it goes, and nobody can have configured others meanwhile.
    this.#expecting = this.#config.mode === "replay";
    const emptied = this.#parts().flatMap((part) => {
      const saved = parts.get(part.name);
      return saved !== undefined && !part.restore(saved) ? [part.name] : [];
    });
    const configured = this.#configured;
    if (configured !== null) this.#dependencies.keepThose((id) => configured.knows(id));
    return emptied;
  }

  #parts(): readonly { name: string; format: number; save(): string; restore(saved: SavedPart): boolean }[] {
    return [
      this.#windows,
      this.#sources,
      this.#senders,
      this.#dependencies,
      this.#freshness,
      this.#delay,
      this.#counted,
      this.#alerts,
      this.#rollup,
      this.#trend,
    ];
  }

  /**
   * Takes what stands between the two places, up to a queue listing, which takes steps of its own. Returns where that stands.
   * A plain function: engines do not make the loops of generators fast.
   */
  #takeUntilListing(observations: Observations, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const observation = observations.at(at) as Observation;
      if (observation.kind === "log") this.#takeLine(observation);
      else if (observation.kind === "queue") return at;
      else if (!this.#isOver(observation)) {
        for (const part of this.#hearers) this.#give(part, observation);
        if (observation.kind === "loss") this.#lostLines += observation.lines;
        if (observation.kind === "probe" && this.#hasPoints)
          this.#rollup.add(probePoint(this.#config.site.id, observation));
      }
    }
    return end;
  }

  #isOver(observation: Exclude<Observation, LogObservation | QueueObservation>): boolean {
    if (observation.kind !== "health" && observation.kind !== "probe") return false;
    return this.#configured?.hears(observation) === false;
  }

  /** Nearly all of what comes is this, and only three parts listen to it: each by its own call, which engines make fast. */
  #takeLine(observation: LogObservation): void {
    this.#lostLines += observation.event.lostLines ?? 0;
    try {
      this.#windows.apply(observation);
    } catch {
      this.#refused += 1;
    }
    try {
      this.#sources.apply(observation);
    } catch {
      this.#refused += 1;
    }
    try {
      this.#delay.apply(observation);
      this.#senders.apply(observation);
    } catch {
      this.#refused += 1;
    }
  }

  /** A fact that breaks a part is hostile or a mistake of ours; it must not take the night's screen with it. */
  #give(part: { apply(observation: Observation): void }, observation: Observation): void {
    try {
      part.apply(observation);
    } catch {
      this.#refused += 1;
    }
  }

  *#list(observation: QueueObservation): Steps {
    for (const part of this.#hearers) {
      if (part !== this.#delay) {
        this.#give(part, observation);
        continue;
      }
      try {
        yield* this.#delay.applyInSteps(observation);
      } catch {
        this.#refused += 1;
      }
    }
  }

  #state(nowMs: EpochMs, sections: TurnSections): LiveState {
    return {
      meta: this.#meta(nowMs),
      ...sections.whole(),
      incidents: { ...this.#alerts.section(), outbox: { waiting: 0, oldestSeconds: null, failing: null } },
      trend: this.#trend.section(this.#alerts.trendMarks(this.#trend.fromMs)),
    };
  }

  #meta(nowMs: EpochMs): LiveState["meta"] {
    const { site, mode, version, targetSeconds } = this.#config;
    return { site, mode, nowMs, speed: 1, version, targetSeconds };
  }
}

/** A line takes some ten microseconds. */
const factsPerStep = 50;

/** A replay at full speed looks at one state of sixty, a recovery at none: only the rules need theirs every second. */
class Turn implements SiteTurn {
  readonly sections: Sections;
  readonly effects: readonly Effect[];
  readonly points: readonly RolledUp[];
  readonly lostLines: number;
  readonly #make: () => LiveState;
  #state: LiveState | null = null;

  constructor(
    sections: Sections,
    effects: readonly Effect[],
    points: readonly RolledUp[],
    lostLines: number,
    make: () => LiveState,
  ) {
    this.sections = sections;
    this.effects = effects;
    this.points = points;
    this.lostLines = lostLines;
    this.#make = make;
  }

  get state(): LiveState {
    return (this.#state ??= this.#make());
  }
}
