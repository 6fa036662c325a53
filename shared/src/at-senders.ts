import type { Seconds } from "./units.ts";

/** Mail that we refused for now: by client network, sender and recipient. */
export interface AtSenders {
  /**
   * By the rule of the headline: the longest wait of which we are sure that more than one in twenty of those that were refused at
   * some time suffers it, and still does. Null where no such wait can be said.
   */
  readonly seconds: Seconds | null;
  /** Those that came back at least once and are not accepted yet. */
  readonly count: number;
  /** More than one in twenty of all that was offered at some time waits longer than the headline and the target. */
  readonly leads: boolean;
  /** Too many to be followed, lately; 0: none. */
  readonly notFollowed: number;
}
