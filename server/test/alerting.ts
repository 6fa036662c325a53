import { alertKey, siteId } from "@mailtide/shared";
import type { Signal } from "../src/core/alert/signal.ts";
import { type AlertingConfig, type AlertingState, emptyState, type StepInput } from "../src/core/alert/state.ts";
import { step } from "../src/core/alert/step.ts";
import { sentence } from "../src/core/text/sentence.ts";

export const alertingConfig: AlertingConfig = {
  installId: "i",
  site: { id: siteId("main"), timezone: "Africa/Johannesburg", locale: "en-GB" },
  resolveAfterSeconds: 600,
  inhibitions: [],
};

/** A signal of a rule, bad unless said otherwise. */
export function said(rule: string, more: Partial<Signal> = {}): Signal {
  return {
    rule,
    key: alertKey(rule),
    level: "bad",
    cause: "capacity",
    severity: "page",
    node: null,
    subject: null,
    startedAtMs: null,
    forSeconds: 0,
    title: sentence("delay.late"),
    evidence: [sentence("delay.late-by", { seconds: 400, target: 300, atLeast: false })],
    actions: [],
    ...more,
  };
}

/** Steps an alerting state on a clock of its own. */
export class Stepper {
  state: AlertingState = emptyState;
  nowMs: number;
  readonly config: AlertingConfig;
  constructor(config: Partial<AlertingConfig> = {}, startMs = Date.UTC(2016, 4, 11, 10)) {
    this.config = { ...alertingConfig, ...config };
    this.nowMs = startMs;
  }
  /** Lets time pass, then steps once; tells what was told outside as `channel action seq`. */
  after(seconds: number, signals: readonly Signal[], more: Partial<StepInput> = {}): readonly string[] {
    this.nowMs += seconds * 1000;
    const input = { signals, commands: [], changes: [], facts: {}, ...more };
    const { state, effects } = step(this.state, input, this.nowMs, this.config);
    this.state = state;
    return effects.map(({ channel, action, seq }) => `${channel} ${action} ${seq}`);
  }
}
