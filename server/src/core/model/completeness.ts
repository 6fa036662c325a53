import type { EpochMs, GapView, Sentence, Share } from "@mailtide/shared";
import type { LossObservation, Observation } from "../observation.ts";
import type { Completeness } from "./delay-api.ts";

const minuteMs = 60_000;
const minutesKept = 60;
/** More lost than this and no number is called complete. */
const toleratedShare: Share = 0.02;
const mostGaps = 20;

/** What the numbers may have missed in the last hour. */
export class CompletenessBook {
  /** By minute: lines read, lines lost. */
  readonly minutes = new Map<number, [read: number, lost: number]>();
  /** The minutes added up; null when one of them has gone or was put in from outside. */
  #sum: [read: number, lost: number] | null = null;
  #oldest = -Infinity;
  /** The minute of the line before: nearly always that of the next. */
  #minute = -Infinity;
  #counts: [read: number, lost: number] | null = null;
  /** Found in the last hour; bounded, the newest. As short ones as may be lost of an hour are left out. */
  gaps: readonly GapView[] = [];
  /** Listed messages that could not be adopted, by node and instance, as of the last listing. */
  readonly unlisted = new Map<string, number>();

  apply(observation: Observation): void {
    if (observation.kind === "log") this.#add(observation.atMs, 1, lines(observation.event.lostLines));
    if (observation.kind === "loss") {
      this.#add(observation.atMs, 0, lines(observation.lines));
      this.#addGap(observation);
    }
    if (observation.kind !== "queue") return;
    const { node, instance, unknownDropped } = observation;
    const whose = instance === undefined || instance === observation.snapshot.mta ? node : `${node}/${instance}`;
    if (unknownDropped > 0) this.unlisted.set(whose, unknownDropped);
    else this.unlisted.delete(whose);
  }

  advance(nowMs: EpochMs): void {
    const oldest = Math.floor(nowMs / minuteMs) - minutesKept;
    if (oldest === this.#oldest) return;
    this.#oldest = oldest;
    for (const minute of this.minutes.keys()) if (minute <= oldest) this.minutes.delete(minute);
    if (this.gaps.length > 0) this.gaps = this.gaps.filter(({ foundMs }) => foundMs / minuteMs > oldest);
    this.#sum = this.#counts = null;
  }

  read(nowMs: EpochMs, overflow: number, lastOverflowMs: EpochMs | null): Completeness {
    const sum = (this.#sum ??= this.#addUp());
    const seen = sum[0];
    const lost = sum[1];
    const lostShare = lost > 0 ? lost / (seen + lost) : 0;
    const because: Sentence[] = [];
    if (lostShare > toleratedShare) because.push(linesLost(lost, lostShare));
    for (const gap of this.gaps) because.push(linesMissing(gap));
    if (lastOverflowMs !== null && nowMs - lastOverflowMs < minutesKept * minuteMs) because.push(notFollowed(overflow));
    for (const [node, count] of this.unlisted) because.push(notAdopted(node, count));
    return { complete: because.length === 0, lostLines: lost, lostShare, gaps: this.gaps, because };
  }

  #addGap({ node, atMs, gap }: LossObservation): void {
    if (gap === undefined || gap.toMs - gap.fromMs <= toleratedShare * minutesKept * minuteMs) return;
    const { fromMs, toMs, log = null } = gap;
    this.gaps = [...this.gaps, { node, log, fromMs, toMs, foundMs: atMs }].slice(-mostGaps);
  }

  #addUp(): [read: number, lost: number] {
    const sum: [read: number, lost: number] = [0, 0];
    for (const [read, lost] of this.minutes.values()) {
      sum[0] += read;
      sum[1] += lost;
    }
    return sum;
  }

  #add(atMs: EpochMs, read: number, lost: number): void {
    const minute = Math.floor(atMs / minuteMs);
    if (minute <= this.#oldest) return;
    if (this.#sum !== null) {
      this.#sum[0] += read;
      this.#sum[1] += lost;
    }
    const counts = minute === this.#minute && this.#counts !== null ? this.#counts : this.#of(minute);
    counts[0] += read;
    counts[1] += lost;
  }

  #of(minute: number): [read: number, lost: number] {
    let counts = this.minutes.get(minute);
    if (counts === undefined) this.minutes.set(minute, (counts = [0, 0]));
    this.#minute = minute;
    return (this.#counts = counts);
  }
}

function lines(count: number | undefined): number {
  return count !== undefined && count > 0 && Number.isFinite(count) ? count : 0;
}

function linesLost(lost: number, share: Share): Sentence {
  const percent = `${(share * 100).toFixed(1)} %`;
  return {
    id: "completeness.lines-lost",
    params: { lost, percent },
    parts: [
      { strong: percent },
      { text: " of the log lines of the last hour were lost (" },
      { strong: String(lost) },
      { text: " lines)" },
    ],
  };
}

function linesMissing({ node, fromMs, toMs }: GapView): Sentence {
  return {
    id: "completeness.lines-missing",
    params: { node, fromMs, toMs },
    parts: [
      { text: "of the log of " },
      { strong: node },
      { text: " lines between " },
      { atMs: fromMs },
      { text: " and " },
      { atMs: toMs },
      { text: " are missing, nobody knows how many" },
    ],
  };
}

function notFollowed(count: number): Sentence {
  return {
    id: "completeness.not-followed",
    params: { count },
    parts: [{ strong: String(count) }, { text: " messages were too many to be followed" }],
  };
}

function notAdopted(node: string, count: number): Sentence {
  return {
    id: "completeness.not-adopted",
    params: { node, count },
    parts: [
      { strong: String(count) },
      { text: " listed messages of " },
      { strong: node },
      { text: " are not counted yet" },
    ],
  };
}
