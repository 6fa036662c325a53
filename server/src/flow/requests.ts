import type { EpochMs, IncidentId } from "@mailtide/shared";
import type { Command } from "../core/alert/signal.ts";
import type { Observation, Tick } from "../core/observation.ts";

/** What waits for the next turn besides collected facts. Small: people and pipelines ask, not attackers. */
export interface TakenRequests {
  readonly commands: Tick["commands"];
  readonly changes: readonly Observation[];
  readonly pagesSent: Tick["pagesSent"];
  /** To be called once the turn is durable. */
  done(): void;
}

const most = 1_000;

/** Operators' commands, changes and delivered pages, on their way into a turn. */
export class Requests {
  #commands: Command[] = [];
  #changes: Observation[] = [];
  #pagesSent: { incident: IncidentId; atMs: EpochMs }[] = [];
  #waiting: (() => void)[] = [];

  pageSent(incident: IncidentId, atMs: EpochMs): void {
    if (this.#pagesSent.length < most) this.#pagesSent.push({ incident, atMs });
  }

  /** Resolves when the command is durable; rejects when too many wait. */
  command(command: Command): Promise<void> {
    if (this.#commands.length >= most) return Promise.reject(new Error("too many commands are waiting"));
    this.#commands.push(command);
    return this.#durable();
  }

  /** Resolves when the change is durable; rejects when too many wait. */
  change(observation: Observation): Promise<void> {
    if (this.#changes.length >= most) return Promise.reject(new Error("too many changes are waiting"));
    this.#changes.push(observation);
    return this.#durable();
  }

  take(): TakenRequests {
    const waiting = this.#waiting;
    const taken = {
      commands: this.#commands,
      changes: this.#changes,
      pagesSent: this.#pagesSent,
      done: () => {
        for (const resolve of waiting) resolve();
      },
    };
    this.#commands = [];
    this.#changes = [];
    this.#pagesSent = [];
    this.#waiting = [];
    return taken;
  }

  #durable(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
