import type { LiveMeta } from "@mailtide/shared";
import type { HostMta } from "./core/detect/operator-commands.ts";
import type { PlayedTick } from "./core/observation.ts";
import type { Pipeline } from "./flow/pipeline.ts";
import type { Requests } from "./flow/requests.ts";
import type { CaptureDependency } from "./replay/contract.ts";

/** A recording in place of collectors and the real clock. */
export interface Playback {
  /** Of the recording, and whom they affect: no configuration states them. */
  readonly dependencies: readonly CaptureDependency[];
  /** Which MTA ran where: no configuration states what is collected there. */
  readonly hosts: readonly HostMta[];
  /** How virtual time runs now, for the screens' clocks. */
  pace(): Pick<LiveMeta, "speed" | "fastForwardToMs">;
  start(turn: (tick: PlayedTick) => Promise<void>): void;
  stop(): Promise<void>;
}

/** Its ticks go the way of live ones; what people ask goes with them. */
export function playInto(pipeline: Pipeline, requests: Requests, playback: Playback): void {
  playback.start(async (tick) => {
    const { commands, changes, pagesSent, done } = requests.take();
    await pipeline.turn({ ...tick, observations: [...tick.observations, ...changes], commands, pagesSent }, new Map());
    done();
  });
}
