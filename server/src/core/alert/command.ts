import type { EpochMs } from "@mailtide/shared";
import { acknowledgeIncident } from "./notify.ts";
import type { Command, Effect } from "./signal.ts";
import { type AlertingConfig, type AlertingState, maxSilences, type StepInput } from "./state.ts";

/** What a person did. One that fits nothing any more (a resolved incident, an unknown silence) changes nothing. */
export function applyCommand(
  state: AlertingState,
  command: Command,
  nowMs: EpochMs,
  config: AlertingConfig,
  facts: StepInput["facts"],
): { readonly state: AlertingState; readonly effects: readonly Effect[] } {
  if (command.type === "unsilence")
    return { state: { ...state, silences: state.silences.filter(({ id }) => id !== command.id) }, effects: [] };
  if (command.type === "silence") {
    if (command.silence.untilMs <= nowMs) return { state, effects: [] };
    const others = state.silences.filter((silence) => silence.id !== command.silence.id);
    return { state: { ...state, silences: [...others, command.silence].slice(-maxSilences) }, effects: [] };
  }
  const { open } = state;
  if (open === null || open.id !== command.incident || open.acknowledged !== null) return { state, effects: [] };
  const acknowledged = { atMs: nowMs, by: command.by.slice(0, 200), severity: open.severity };
  const told = acknowledgeIncident({ ...open, acknowledged }, config, nowMs, facts);
  return { state: { ...state, open: told.incident }, effects: told.effects };
}

export function endSilences(state: AlertingState, nowMs: EpochMs): AlertingState {
  return state.silences.every((silence) => nowMs < silence.untilMs)
    ? state
    : { ...state, silences: state.silences.filter((silence) => nowMs < silence.untilMs) };
}
