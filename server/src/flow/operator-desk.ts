import type { EpochMs, IncidentId, LiveState } from "@mailtide/shared";
import { randomUUID } from "node:crypto";
import type { Change } from "../core/observation.ts";
import type { CommandOutcome, OperatorCommands, Principal } from "../core/principal.ts";
import type { Requests } from "./requests.ts";

export interface DeskOptions {
  readonly requests: Requests;
  now(): EpochMs;
  current(): LiveState | null;
  /** Changes of which an earlier run was told, too. */
  known(): readonly Change[];
}
export interface Desk {
  readonly commands: OperatorCommands;
  readonly changes: {
    record(change: Change, by: Principal): Promise<"recorded" | "known">;
    end(id: string, endAtMs: EpochMs, by: Principal): Promise<"ended" | "unknown" | "before-start">;
  };
}

const remembered = 500;

/** Where people's wishes enter the next turn. Every answer comes after the turn that holds them is durable. */
export function operatorDesk({ requests, now, current, known }: DeskOptions): Desk {
  const changes = new Map<string, Change>();
  const refusal = (incident: IncidentId): CommandOutcome | null => {
    const found = current()?.incidents.incidents.find(({ id }) => id === incident);
    if (found === undefined) return { ok: false, kind: "unknown", error: "there is no such incident" };
    if (found.state === "resolved") return { ok: false, kind: "conflict", error: "this incident is resolved" };
    return null;
  };
  const find = (id: string): Change | undefined => changes.get(id) ?? known().find((change) => change.id === id);
  const tell = async (change: Change): Promise<void> => {
    changes.delete(change.id);
    changes.set(change.id, change);
    for (const oldest of changes.keys()) if (changes.size > remembered) changes.delete(oldest);
    await requests.change({ kind: "change", atMs: now(), change });
  };
  return {
    commands: {
      async acknowledge(incident, by) {
        const refused = refusal(incident);
        if (refused !== null) return refused;
        await requests.command({ type: "acknowledge", incident, by: by.name });
        return { ok: true };
      },
      async silence({ incident, forSeconds, reason }, by) {
        const refused = refusal(incident);
        if (refused !== null) return refused;
        const silence = { id: randomUUID(), incident, untilMs: now() + forSeconds * 1000, by: by.name, reason };
        await requests.command({ type: "silence", silence });
        return { ok: true };
      },
    },
    changes: {
      async record(change) {
        if (find(change.id) !== undefined) return "known";
        await tell(change);
        return "recorded";
      },
      async end(id, endAtMs) {
        const change = find(id);
        if (change === undefined) return "unknown";
        if (endAtMs < change.startAtMs) return "before-start";
        await tell({ ...change, endAtMs });
        return "ended";
      },
    },
  };
}
