import { type AlertKey, type EpochMs, incidentId } from "@mailtide/shared";
import { attachChanges } from "../incident/changes.ts";
import { type Incident, openIncident } from "../incident/incident.ts";
import { advanceAlert, fireAlert, isFiring } from "./alert.ts";
import { applyCommand, endSilences } from "./command.ts";
import { notifyIncident, resolveIncident, type Told } from "./notify.ts";
import type { Effect, Signal } from "./signal.ts";
import {
  type AlertingConfig,
  type AlertingState,
  maxPending,
  maxResolved,
  type Pending,
  resolvedKeptMs,
} from "./state.ts";
import type { StepInput } from "./state.ts";

export interface StepResult {
  readonly state: AlertingState;
  readonly effects: readonly Effect[];
}

/**
 * One turn of alerting, pure: commands first, then what the rules say, then what must be told outside.
 *
 * A `bad` signal is pending until it has lasted its `forSeconds`, then fires and joins the open incident or opens one;
 * an alert of the open incident fires again at once, so that a flap cannot end the incident. A firing alert resolves once it was clear, without a break, for `resolveAfterSeconds`; the incident when all of its alerts have.
 * `between` changes nothing; `unknown` neither fires nor resolves, and starts the wait for clear again.
 * A key without a signal is clear.
 */
export function step(state: AlertingState, input: StepInput, nowMs: EpochMs, config: AlertingConfig): StepResult {
  if (isCalm(state, input)) return { state: forget(endSilences(state, nowMs), nowMs), effects: none };
  const effects: Effect[] = [];
  let next = endSilences(state, nowMs);
  for (const command of input.commands) {
    const told = applyCommand(next, command, nowMs, config, input.facts);
    next = told.state;
    effects.push(...told.effects);
  }
  const signals = new Map(input.signals.map((signal) => [signal.key, signal]));
  next = advance(next, signals, nowMs, config);
  if (next.open !== null) next = { ...next, open: attachChanges(next.open, input.changes) };
  next = tell(next, effects, (incident) => notifyIncident(incident, next.silences, config, nowMs, input.facts));
  if (next.open !== null && !next.open.alerts.some(isFiring)) {
    next = tell(next, effects, (incident) => resolveIncident(incident, config, nowMs, input.facts));
    next = next.open === null ? next : { ...next, open: null, resolved: [...next.resolved, next.open] };
  }
  return { state: forget(next, nowMs), effects };
}

const none: readonly Effect[] = [];

/** Nearly every second: nothing is open, nothing pending, and nothing bad. */
function isCalm({ open, pending }: AlertingState, { signals, commands }: StepInput): boolean {
  if (open !== null || commands.length > 0) return false;
  for (const _ in pending) return false;
  return !signals.some(({ level }) => level === "bad");
}

/** Moves every alert by its signal: firing ones within the incident, the others in and out of pending. */
function advance(
  state: AlertingState,
  signals: ReadonlyMap<AlertKey, Signal>,
  nowMs: EpochMs,
  config: AlertingConfig,
): AlertingState {
  let { open, nextNumber, dropped } = state;
  if (open !== null) open = advanceIncident(open, signals, nowMs, config);
  const joined = new Set(open?.alerts.map((alert) => alert.key));
  const pending: Record<AlertKey, Pending> = {};
  let room = maxPending;
  for (const [key, signal] of signals) {
    if (joined.has(key)) continue;
    const since = nextPending(state.pending[key], signal, nowMs);
    if (since === undefined) continue;
    if (signal.level === "bad" && nowMs - since.sinceMs >= signal.forSeconds * 1000) {
      open ??= openIncident(incidentId(`${config.installId}-${nextNumber++}`), nowMs);
      open = fireAlert(open, signal, since.startedAtMs, nowMs);
    } else if (room-- > 0) pending[key] = since;
    else dropped++;
  }
  return { ...state, open, pending, nextNumber, dropped };
}

function advanceIncident(
  incident: Incident,
  signals: ReadonlyMap<AlertKey, Signal>,
  nowMs: EpochMs,
  { resolveAfterSeconds }: AlertingConfig,
): Incident {
  const alerts = incident.alerts.map((alert) =>
    advanceAlert(alert, signals.get(alert.key), nowMs, resolveAfterSeconds),
  );
  // The same object while nothing happens, so that what is made of it need not be made again.
  return alerts.every((alert, at) => alert === incident.alerts[at]) ? incident : { ...incident, alerts };
}

function nextPending(pending: Pending | undefined, signal: Signal, nowMs: EpochMs): Pending | undefined {
  if (signal.level === "clear") return undefined;
  // What began later than now did so by a clock that was set back.
  if (pending !== undefined && pending.sinceMs > nowMs)
    return { ...pending, sinceMs: nowMs, startedAtMs: Math.min(pending.startedAtMs, nowMs) };
  if (signal.level !== "bad" || pending !== undefined) return pending;
  // An onset in the future would be a rule's mistake; one far back is its finding.
  return {
    sinceMs: nowMs,
    startedAtMs: Math.min(signal.startedAtMs ?? nowMs, nowMs),
    cause: signal.cause,
    severity: signal.severity,
  };
}

function tell(state: AlertingState, effects: Effect[], say: (incident: Incident) => Told): AlertingState {
  if (state.open === null) return state;
  const told = say(state.open);
  effects.push(...told.effects);
  return { ...state, open: told.incident };
}

function forget(state: AlertingState, nowMs: EpochMs): AlertingState {
  const isOld = (incident: Incident): boolean => nowMs - (incident.resolvedAtMs ?? nowMs) >= resolvedKeptMs;
  if (state.resolved.length <= maxResolved && !state.resolved.some(isOld)) return state;
  return { ...state, resolved: state.resolved.filter((incident) => !isOld(incident)).slice(-maxResolved) };
}
