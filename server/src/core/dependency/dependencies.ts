import type {
  DependencyId,
  DependencySection,
  DependencyType,
  DependencyView,
  EpochMs,
  RoundTripView,
  Seconds,
  SqlView,
  TripState,
} from "@mailtide/shared";
import type { Observation, ProbeObservation, RoundTripDetails, SqlDetails } from "../observation.ts";
import type { Part, SavedPart } from "../part.ts";
import {
  blindNote,
  concernNote,
  failingNote,
  fullSoonNote,
  lockNote,
  roundTripNote,
  saturatedNote,
  slowNote,
} from "./notes.ts";
import { Filling } from "./filling.ts";
import { type LockSince, lockSince } from "./lock.ts";
import { sqlView } from "./sql-view.ts";
import { UsualLatency } from "./usual-latency.ts";

export interface ExpectedDependency {
  readonly id: DependencyId;
  readonly type: DependencyType;
  /** Slow from here on, whatever is usual. */
  readonly slowSeconds?: Seconds;
  /** Without a probe for this long the state is `unknown`; default 60. */
  readonly staleSeconds?: Seconds;
}

/** What each probe said last, and what is usual for it. */
export class Dependencies implements Part {
  readonly name = "dependencies";
  readonly format = 1;
  #expected = new Map<DependencyId, ExpectedDependency>();
  #known = new Map<DependencyId, Known>();
  /** How many are known that are not configured, by the agent that probes them. */
  #byOwner = new Map<string, number>();
  #refused = 0;
  /** Null once another dependency is expected or known. */
  #order: readonly ExpectedDependency[] | null = null;
  #section: DependencySection = { dependencies: [] };

  constructor(expected: readonly ExpectedDependency[] = []) {
    this.expect(expected);
  }

  /** Probes of dependencies over the bound. */
  get refused(): number {
    return this.#refused;
  }

  /** The configuration's dependencies, at start and after a reload: they are shown before their first probe. */
  expect(expected: readonly ExpectedDependency[]): void {
    this.#expected = new Map(expected.map((dependency) => [dependency.id, dependency]));
    for (const known of this.#known.values()) known.shown = null;
    this.#order = null;
  }

  /** The others are forgotten: nobody probes them any more. */
  keepThose(areThere: (id: DependencyId) => boolean): void {
    for (const id of this.#known.keys()) {
      if (areThere(id)) continue;
      const owner = ownerOf(id);
      this.#known.delete(id);
      this.#byOwner.set(owner, (this.#byOwner.get(owner) ?? 1) - 1);
    }
    this.#order = null;
  }

  apply(observation: Observation): void {
    if (observation.kind !== "probe") return;
    let known = this.#known.get(observation.id);
    if (known === undefined) {
      if (!this.#hasRoom(observation.id)) {
        this.#refused += 1;
        return;
      }
      known = { last: observation, failingSinceMs: null, recent: [], usual: new UsualLatency(), shown: null };
      this.#known.set(observation.id, known);
      this.#order = null;
    }
    const isSoFar = observation.details?.waitingSeconds !== undefined;
    // A wait that goes on is one probe, however often it is told.
    if (isSoFar && known.last !== observation && known.last.details?.waitingSeconds !== undefined) known.recent.pop();
    known.last = observation;
    known.shown = null;
    // A probe that could not look says nothing of it.
    if (observation.details !== undefined && sawLocks(observation.details))
      known.lock = lockSince(known.lock ?? null, sqlView(observation.details), observation.atMs);
    if (observation.type === "disk") {
      known.filling ??= new Filling();
      known.fullInSeconds = known.filling.add(observation) ? known.filling.fullInSeconds() : known.fullInSeconds;
    }
    if (observation.ok && !isSoFar) known.usual.add(observation.atMs, observation.latencySeconds);
    known.failingSinceMs = observation.ok ? null : (known.failingSinceMs ?? observation.atMs);
    known.recent.push(observation.ok ? drawn(observation.latencySeconds) : null);
    if (known.recent.length > 60) known.recent.shift();
  }

  /** The configured ones in their order, then others by id. The same object until a probe or its age changes something. */
  section(nowMs: EpochMs): DependencySection {
    const order = (this.#order ??= this.#inOrder());
    const before = this.#section.dependencies;
    const isSame =
      before.length === order.length && order.every((expected, at) => this.#view(expected, nowMs) === before[at]);
    if (!isSame) this.#section = { dependencies: order.map((expected) => this.#view(expected, nowMs)) };
    return this.#section;
  }

  /** The probe mail that fares worst; null when there is none of which anything is known. `isHeadline` is not for us to say. */
  roundTrip(nowMs: EpochMs): Omit<RoundTripView, "isHeadline"> | null {
    const trips: Omit<RoundTripView, "isHeadline">[] = [];
    for (const { id, trip, state, latencySeconds } of this.section(nowMs).dependencies) {
      if (trip === undefined || state === "unknown") continue;
      const isUnknown = trip.isRefused || (trip.isUnreadable === true && !trip.isSoFar);
      trips.push({
        dependency: id,
        state: state === "failing" ? "failing" : "ok",
        seconds: isUnknown ? null : latencySeconds,
        ...trip,
      });
    }
    const badness = ({ state, seconds }: (typeof trips)[number]): number =>
      (state === "failing" ? 1e9 : 0) + (seconds ?? 0);
    return trips.sort((a, b) => badness(b) - badness(a))[0] ?? null;
  }

  /** Median latency of the last day's answers; null until there are thirty. */
  usualSeconds(id: DependencyId): Seconds | null {
    return this.#known.get(id)?.usual.medianSeconds() ?? null;
  }

  save(): string {
    const known = [...this.#known.values()].map(({ usual, filling, ...rest }) => ({
      ...rest,
      shown: undefined,
      ...(filling === undefined ? {} : { filling: filling.save() }),
      usual: usual.save(),
    }));
    return JSON.stringify({ known, refused: this.#refused });
  }

  restore(saved: SavedPart): boolean {
    this.#known = new Map();
    this.#byOwner = new Map();
    this.#order = null;
    this.#refused = 0;
    if (saved.format !== this.format) return false;
    const state = JSON.parse(saved.text) as Saved;
    for (const { usual, filling, ...rest } of state.known) {
      const owner = ownerOf(rest.last.id);
      this.#byOwner.set(owner, (this.#byOwner.get(owner) ?? 0) + 1);
      this.#known.set(rest.last.id, {
        ...rest,
        usual: UsualLatency.restore(usual),
        ...(filling === undefined ? {} : { filling: new Filling(filling) }),
        shown: null,
      });
    }
    this.#refused = state.refused;
    return true;
  }

  /** What is configured has room always; what one agent probes takes none from others. */
  #hasRoom(id: DependencyId): boolean {
    if (this.#expected.has(id)) return true;
    if (this.#known.size >= mostDependencies) return false;
    const owner = ownerOf(id);
    const before = this.#byOwner.get(owner) ?? 0;
    if (owner !== "" && before >= mostOfOneAgent) return false;
    this.#byOwner.set(owner, before + 1);
    return true;
  }

  #inOrder(): ExpectedDependency[] {
    const others = [...this.#known.values()].map(({ last: { id, type } }) => ({ id, type }));
    return [
      ...this.#expected.values(),
      ...others.filter(({ id }) => !this.#expected.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1)),
    ];
  }

  #view(expected: ExpectedDependency, nowMs: EpochMs): DependencyView {
    const { id, type } = expected;
    const known = this.#known.get(id);
    if (known === undefined)
      return { id, type, state: "unknown", latencySeconds: null, checkedAtMs: null, note: null, recent: [], sql: null };
    // By a clock that was set back since; what is silent from now on is found so as soon as ever.
    if (known.last.atMs > nowMs) {
      known.last = { ...known.last, atMs: nowMs };
      known.shown = null;
    }
    if (known.failingSinceMs !== null) known.failingSinceMs = Math.min(known.failingSinceMs, nowMs);
    const stale = isStale(known, expected, nowMs);
    if (known.shown?.stale !== stale) known.shown = { stale, view: viewOf(known, expected, stale) };
    return known.shown.view;
  }
}

/** As fine as a line of sixty points can show: it goes to every screen, and digits are most of it. */
const drawn = (latency: Seconds): Seconds => Number(latency.toPrecision(3));

interface Known {
  last: ProbeObservation;
  failingSinceMs: EpochMs | null;
  readonly recent: (Seconds | null)[];
  readonly usual: UsualLatency;
  /** Of a database; absent before it was looked at. */
  lock?: LockSince | null;
  /** Of a disk: how it fills, and when it will be full by that. */
  filling?: Filling;
  fullInSeconds?: Seconds | null | undefined;
  /** What was shown last; null once a probe has said more. */
  shown: { readonly stale: boolean; readonly view: DependencyView } | null;
}
interface Saved {
  readonly known: readonly (Omit<Known, "usual" | "shown" | "filling"> & {
    readonly usual: ReturnType<UsualLatency["save"]>;
    readonly filling?: ReturnType<Filling["save"]>;
  })[];
  readonly refused: number;
}

function viewOf(known: Known, expected: ExpectedDependency, stale: boolean): DependencyView {
  const { last, recent } = known;
  return {
    id: expected.id,
    type: expected.type,
    ...judge(known, expected, stale),
    latencySeconds: last.latencySeconds,
    checkedAtMs: last.atMs,
    recent: [...recent],
    ...faultOf(known, stale),
    ...(last.type === "roundtrip" ? { trip: tripOf(last.details) } : {}),
    sql: last.details === undefined ? null : { ...sqlView(last.details), ...sinceOf(last.details, known.lock) },
  };
}

const sawLocks = ({ lockWaits, ddl }: SqlDetails): boolean => lockWaits !== undefined || ddl !== undefined;

const sinceOf = (details: SqlDetails, lock: LockSince | null | undefined): Pick<SqlView, "lockSinceMs"> =>
  lock === undefined || lock === null || !sawLocks(details) ? {} : { lockSinceMs: lock.sinceMs };

function faultOf({ last, fullInSeconds }: Known, stale: boolean): Pick<DependencyView, "fault"> {
  if (stale) return {};
  if (!last.ok) return last.details?.fault === undefined ? {} : { fault: last.details.fault };
  return isFullSoon(fullInSeconds) ? { fault: "full" } : {};
}

const tripOf = (details: RoundTripDetails | undefined): TripState => ({
  isSoFar: details?.waitingSeconds !== undefined,
  isRefused: details?.refused === true,
  ...(details?.unreadable === true ? { isUnreadable: true } : {}),
  ...(details?.misfiled === true ? { isMisfiled: true } : {}),
});

/** Nobody who is paged later could still prevent it. */
const soonSeconds: Seconds = 3_600;
const isFullSoon = (seconds: Seconds | null | undefined): seconds is Seconds =>
  seconds !== null && seconds !== undefined && seconds <= soonSeconds;

const isStale = ({ last }: Known, { staleSeconds = 60 }: ExpectedDependency, nowMs: EpochMs): boolean =>
  nowMs - last.atMs > staleSeconds * 1000;

/** The worst that is true, with the sentence that says it. */
function judge(
  { last, failingSinceMs, usual, fullInSeconds, lock: since }: Known,
  { slowSeconds, type }: ExpectedDependency,
  stale: boolean,
): Pick<DependencyView, "state" | "note"> {
  if (stale) return { state: "unknown", note: null };
  if (failingSinceMs !== null)
    return { state: "failing", note: failingNote(failingSinceMs, last.error ?? "no answer", last.details) };
  if (isFullSoon(fullInSeconds)) return { state: "slow", note: fullSoonNote(fullInSeconds) };
  const lock = lockNote(last, since?.sinceMs);
  if (lock !== null) return { state: "slow", note: lock };
  const usualSeconds = usual.medianSeconds();
  if (slowSeconds !== undefined && last.latencySeconds >= slowSeconds)
    return { state: "slow", note: slowNote(usualSeconds) };
  if (usualSeconds !== null && last.latencySeconds >= Math.max(slowFactor * usualSeconds, slowFloor(type)))
    return { state: "slow", note: slowNote(usualSeconds) };
  const saturated = saturatedNote(last.details);
  if (saturated !== null) return { state: "slow", note: saturated };
  const concern = concernNote(last.details);
  if (concern !== null) return { state: "slow", note: concern };
  return { state: "ok", note: blindNote(last) ?? roundTripNote(last.details) };
}

/** Times the usual latency; under the floor nobody feels it. */
const slowFactor = 8;
const slowFloor = (type: DependencyType): Seconds => (type === "roundtrip" ? 60 : 0.1);
const mostDependencies = 1_000;
const mostOfOneAgent = 100;

/** `NODE` of `NODE/ID`; "" where the server probes by itself. */
const ownerOf = (id: DependencyId): string => id.slice(0, Math.max(0, id.indexOf("/")));
