/** One number of somebody's metrics: `NAME{LABEL="VALUE"} NUMBER`. Names and labels are whatever the other side wrote. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Finite. */
  readonly value: number;
}
