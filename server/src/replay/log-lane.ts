import type { EpochMs, NodeId } from "@mailtide/shared";
import type { MailEvent } from "../core/event.ts";
import type { LineReader } from "../core/line-block.ts";
import type { LogObservation, Observation } from "../core/observation.ts";
import type { CaptureCounts } from "./contract.ts";
import { eventsOf } from "./events-of.ts";
import { type LinesRead, readBlocks } from "./lines.ts";
import type { Lane } from "./merge.ts";
import type { Portion } from "./portion.ts";
import { TimeOrder } from "./time-order.ts";
import { unparsed } from "./unparsed.ts";

export interface LogInput {
  readonly name: string;
  readonly path: string;
  readonly node: NodeId;
  /** A fresh parser: it remembers the year. */
  parser(): LineReader;
}

/** A raw log. Every line becomes an observation; one without a time takes the time of the line before. */
export function logLane(input: LogInput, counts: CaptureCounts, mostBytes?: number): Lane<Observation> {
  return {
    name: input.name,
    async *portions() {
      const read = portionReader(input, counts);
      for await (const block of readBlocks(input.path, mostBytes)) yield read(block);
    },
  };
}

/** A plain function: engines do not make the loops of generators fast. */
function portionReader(
  { name, node, parser }: LogInput,
  counts: CaptureCounts,
): (block: LinesRead) => Portion<Observation> {
  const parse = parser();
  const order = new TimeOrder(counts);
  const given = new GivenLine(node);
  return (block) => {
    const events = eventsOf(parse, block);
    const { endMs } = counts;
    const places = new Float64Array(block.count);
    let counted = 0;
    let nextMs = toldMs(events[0]);
    for (let at = 0; at < block.count; at++) {
      const atMs = nextMs;
      nextMs = toldMs(events[at + 1]);
      const placeMs = order.placeOf(atMs, nextMs);
      places[at] = placeMs;
      if (placeMs < endMs) counted += 1;
      if (!(atMs <= placeMs))
        unparsed(counts, placeMs, `${name}:${block.first + at}: no time that fits its neighbours`);
    }
    counts.lines += counted;
    return new LogLines(events, places, given);
  };
}

/** The lines of a block of a log. */
class LogLines implements Portion<Observation> {
  readonly atMs: Float64Array;
  readonly #events: readonly MailEvent[];
  /** The one observation that is handed out for all lines of the log, because one for each of millions costs. */
  readonly #given: GivenLine;

  constructor(events: readonly MailEvent[], atMs: Float64Array, given: GivenLine) {
    this.atMs = atMs;
    this.#events = events;
    this.#given = given;
  }

  get length(): number {
    return this.#events.length;
  }

  at(place: number): LogObservation {
    return this.#put(this.#given, place);
  }

  kept(place: number): LogObservation {
    return this.#put(new GivenLine(this.#given.node), place);
  }

  #put(into: GivenLine, place: number): GivenLine {
    const event = this.#events[place] as MailEvent;
    const placeMs = this.atMs[place] ?? 0;
    const atMs = toldMs(event);
    // What it says itself, unless that does not fit its neighbours.
    into.atMs = atMs <= placeMs ? atMs : placeMs;
    into.event = event;
    return into;
  }
}

/** When the line says that it was written; NaN when it does not. */
const toldMs = (event: MailEvent | undefined): EpochMs => event?.atMs ?? Number.NaN;

/** Its keys stand in the order of the others'. */
class GivenLine implements LogObservation {
  readonly kind = "log";
  readonly node: NodeId;
  atMs: EpochMs = 0;
  event: MailEvent = { event: "other" };

  constructor(node: NodeId) {
    this.node = node;
  }
}
