/** What a metric means. Those of a queue need `queue`; `arrived` and `left` are counters that only rise. */
export const meanings = ["count", "bytes", "age", "ages", "arrived", "left", "up", "there"] as const;

/** A row of a mapping: which metric is what of which queue. */
export interface MappingRow {
  readonly metric: string;
  /** Only samples with these labels. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * `age`: of the oldest, in seconds. `ages`: a histogram of ages. `up`: 0 says that whoever counts could not look.
   * `there`: nothing but a sign that this is whom we mean, for those who leave out what is idle.
   */
  readonly as: (typeof meanings)[number];
  /** The queue's name; `{LABEL}` in it stands for that label's value. */
  readonly queue?: string | undefined;
  /** A metric to be taken off, because queues are disjoint. */
  readonly minus?: string | undefined;
  /** The age can only be higher. */
  readonly atLeast?: boolean | undefined;
}
