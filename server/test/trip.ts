import { dependencyId } from "@mailtide/shared";
import type { RoundTripCollector } from "../src/collect/dependency/roundtrip/collector.ts";
import { roundtrip } from "../src/collect/dependency/roundtrip/index.ts";
import type { ProbeObservation } from "../src/core/observation.ts";
import { until } from "./real/process.ts";

/** A round trip with everything that it tells; it looks when the test says so, at the real time. */
export class Trip {
  readonly collector: RoundTripCollector;
  readonly told: ProbeObservation[] = [];
  /** What was committed last. */
  position: unknown;

  /** `options`: as in the configuration; a mail every five seconds to a mailbox of own.test unless they say otherwise. */
  constructor(options: object, position?: unknown) {
    const config = roundtrip.config.parse({
      host: "127.0.0.1",
      to: "mailtide-probe@own.test",
      every: "5s",
      ...options,
    });
    this.collector = roundtrip.create(config, { id: dependencyId("trip") });
    this.position = position;
  }

  async start(): Promise<this> {
    await this.collector.start({
      position: this.position,
      now: () => Date.now(),
      sink: async ({ position, committed }) => {
        this.#commit(position);
        committed?.();
      },
      health: () => undefined,
      knownIds: () => ({ has: () => false, acceptedBefore: () => [] }),
      point: () => undefined,
    });
    return this;
  }

  async look(): Promise<ProbeObservation | undefined> {
    const { observations, position, committed } = await this.collector.poll(AbortSignal.timeout(120_000));
    if (position !== undefined) this.#commit(position);
    committed?.();
    for (const one of observations) this.told.push(one as ProbeObservation);
    return this.told.at(-1);
  }

  async until(what: string, holds: (last: ProbeObservation) => boolean): Promise<ProbeObservation> {
    return until(
      what,
      async () => {
        const last = await this.look();
        return last !== undefined && holds(last) ? last : null;
      },
      { everyMs: 100 },
    ).catch((error: unknown) => {
      throw new Error(`${what}; last told: ${JSON.stringify(this.told.slice(-3))}`, { cause: error });
    });
  }

  /** How the first one that is told ends. */
  async first(): Promise<ProbeObservation> {
    try {
      return await this.until("something is told", () => true);
    } finally {
      await this.collector.stop();
    }
  }

  #commit(position: unknown): void {
    this.position = JSON.parse(JSON.stringify(position));
  }
}
