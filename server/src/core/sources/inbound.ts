import type { InboundSection, PerSecond, RefusedByUs, SourceView } from "@mailtide/shared";
import type { SourceCounts } from "./slices.ts";

/** What the rules look at every second. */
export type InboundNow = Pick<
  InboundSection,
  | "distinctSources"
  | "distinctExact"
  | "newSources"
  | "usualNewSources"
  | "spoofShare"
  | "spoofingSources"
  | "refusedByUs"
>;
/** How to find the rest. */
export interface OnDemand {
  rates(): SourceCounts;
  usualSources(): number | null;
  top(): readonly SourceView[];
  recentSources(): readonly number[];
}

/** Who sends to us; what the rules seldom ask for is found when they do, which must be before the next observation. */
export class Inbound implements InboundSection {
  readonly distinctSources: number;
  readonly distinctExact: boolean;
  readonly newSources: number;
  readonly usualNewSources: number | null;
  readonly spoofShare: number | null;
  readonly spoofingSources: number;
  readonly refusedByUs: RefusedByUs | null;
  readonly #find: OnDemand;
  #rates: SourceCounts | null = null;
  #top: readonly SourceView[] | null = null;

  constructor(now: InboundNow, find: OnDemand) {
    this.distinctSources = now.distinctSources;
    this.distinctExact = now.distinctExact;
    this.newSources = now.newSources;
    this.usualNewSources = now.usualNewSources;
    this.spoofShare = now.spoofShare;
    this.spoofingSources = now.spoofingSources;
    this.refusedByUs = now.refusedByUs ?? null;
    this.#find = find;
  }

  get messagesPerSecond(): PerSecond {
    return this.#perSecond().messages;
  }

  get connectionsPerSecond(): PerSecond {
    return this.#perSecond().connections;
  }

  get rejectsPerSecond(): PerSecond {
    return this.#perSecond().rejects;
  }

  get usualSources(): number | null {
    return this.#find.usualSources();
  }

  get top(): readonly SourceView[] {
    return (this.#top ??= this.#find.top());
  }

  get recentSources(): readonly number[] {
    return this.#find.recentSources();
  }

  /** As plain data. */
  whole(): InboundSection {
    return {
      messagesPerSecond: this.messagesPerSecond,
      connectionsPerSecond: this.connectionsPerSecond,
      rejectsPerSecond: this.rejectsPerSecond,
      distinctSources: this.distinctSources,
      distinctExact: this.distinctExact,
      newSources: this.newSources,
      usualSources: this.usualSources,
      usualNewSources: this.usualNewSources,
      spoofShare: this.spoofShare,
      spoofingSources: this.spoofingSources,
      ...(this.refusedByUs === null ? {} : { refusedByUs: this.refusedByUs }),
      top: this.top,
      recentSources: this.recentSources,
    };
  }

  #perSecond(): SourceCounts {
    return (this.#rates ??= this.#find.rates());
  }
}
