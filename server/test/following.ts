import { type EpochMs, nodeId } from "@mailtide/shared";
import type { Observation } from "../src/core/observation.ts";
import { type postfixLog } from "../src/collect/mta/postfix/index.ts";
import type { kumomtaLog } from "../src/collect/mta/kumomta/index.ts";
import { SyslogHub } from "../src/collect/syslog-in/hub.ts";

export interface Following {
  readonly heard: Observation[];
  /** How often it has said how it fares. */
  looks(): number;
  stop(): Promise<void>;
}

/** A log that collectors follow one after the other, on a clock that stands, each from where the last one stood. */
export class FollowedLog {
  readonly #path: string;
  #position: unknown;
  #stop: (() => Promise<void>) | undefined;
  nowMs: EpochMs = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async follow(plugin: typeof postfixLog | typeof kumomtaLog): Promise<Following> {
    const config = plugin.config.parse({ path: this.#path, from: "start" });
    const collector = plugin.create(config, { id: nodeId("mx1"), timezone: "UTC", syslog: new SyslogHub({}) });
    const heard: Observation[] = [];
    let looks = 0;
    this.#stop = () => collector.stop();
    await collector.start({
      position: this.#position,
      now: () => this.nowMs,
      sink: async (batch) => {
        heard.push(...batch.observations);
        this.#position = JSON.parse(JSON.stringify(batch.position));
      },
      health: () => (looks += 1),
      knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
      point: () => undefined,
    });
    return { heard, looks: () => looks, stop: this.#stop };
  }

  async end(): Promise<void> {
    await this.#stop?.();
  }
}
