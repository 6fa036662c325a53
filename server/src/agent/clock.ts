import type { EpochMs, Millis } from "@mailtide/shared";

/** Four instants of one exchange: ours at the sending and the receiving, the server's in between. */
export interface Exchange {
  readonly sentMs: EpochMs;
  readonly receivedAtMs: EpochMs;
  readonly answeredAtMs: EpochMs;
  readonly gotMs: EpochMs;
}
export interface ClockReading {
  readonly offsetMs: Millis;
  readonly roundTripMs: Millis;
}

const remembered = 8;

/**
 * The server's clock less ours, by the four stamps of NTP (RFC 5905, section 8): of the last few exchanges the one with the
 * shortest way is believed, since a queue on one way is what makes an offset wrong.
 */
export class ClockOffset {
  #readings: ClockReading[] = [];

  add({ sentMs, receivedAtMs, answeredAtMs, gotMs }: Exchange): void {
    const roundTripMs = gotMs - sentMs - (answeredAtMs - receivedAtMs);
    // A clock that was set in the middle of it.
    if (roundTripMs < 0) {
      this.#readings = [];
      return;
    }
    const offsetMs = (receivedAtMs - sentMs + (answeredAtMs - gotMs)) / 2;
    const last = this.#readings.at(-1);
    // Further away than both ways can explain: a clock was set, and what was measured before is of the old one.
    if (last !== undefined && Math.abs(last.offsetMs - offsetMs) > (last.roundTripMs + roundTripMs) / 2 + 1_000)
      this.#readings = [];
    this.#readings = [...this.#readings, { offsetMs, roundTripMs }].slice(-remembered);
  }

  best(): ClockReading | null {
    let best: ClockReading | null = null;
    for (const reading of this.#readings) if (best === null || reading.roundTripMs < best.roundTripMs) best = reading;
    return best;
  }
}
