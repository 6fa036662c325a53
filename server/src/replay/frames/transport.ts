import type { EpochMs, Millis, ReplaySpeed, TransportCommand, TransportSection } from "@mailtide/shared";

/** How far a recording can be shown now, and whether there is more to come. */
export interface Reach {
  readonly fromMs: EpochMs;
  readonly computedToMs: EpochMs;
  readonly isComplete: boolean;
}

/** Beyond an hour a second nobody reads what passes by. */
export const maxSpeed = 3_600;
export const factorOf = (speed: ReplaySpeed): number => (speed === "max" ? maxSpeed : speed);

/** Where a recording stands and how it moves; one for all screens. Real time is given, never asked for. */
export class Transport {
  #positionMs: EpochMs | null = null;
  #speed: ReplaySpeed;
  #wants: "play" | "pause" = "play";
  #realMs: Millis;
  #hasJumped = false;

  constructor(speed: ReplaySpeed, realMs: Millis) {
    this.#speed = speed;
    this.#realMs = realMs;
  }

  command(command: TransportCommand, realMs: Millis, reach: Reach): void {
    this.advance(realMs, reach);
    if (command.action === "speed") this.#speed = command.speed;
    else if (command.action === "pause") this.#wants = "pause";
    else if (command.action === "seek") this.#jump(command.atMs, reach);
    else {
      // Play at the end begins again, as everywhere.
      if (this.#isAtEnd(reach)) this.#jump(reach.fromMs, reach);
      this.#wants = "play";
    }
  }

  /** Real time passes before there is anything to play. */
  standBy(realMs: Millis): void {
    this.#realMs = realMs;
  }

  /** Moves on by the real time that has passed, as far as it is computed. */
  advance(realMs: Millis, reach: Reach): void {
    const passedMs = Math.max(0, realMs - this.#realMs);
    this.#realMs = realMs;
    const beforeMs = this.#positionMs ?? reach.fromMs;
    const wantedMs = this.#wants === "play" ? beforeMs + passedMs * factorOf(this.#speed) : beforeMs;
    this.#positionMs = within(wantedMs, reach);
  }

  view(reach: Reach): Pick<TransportSection, "positionMs" | "play" | "speed"> {
    const positionMs = Math.floor((this.#positionMs ?? reach.fromMs) / 1000) * 1000;
    return { positionMs: Math.max(positionMs, reach.fromMs), play: this.#play(reach), speed: this.#speed };
  }

  /** Whether time did not simply pass since the last call. */
  takeJump(): boolean {
    const hasJumped = this.#hasJumped;
    this.#hasJumped = false;
    return hasJumped;
  }

  #play(reach: Reach): TransportSection["play"] {
    if (this.#isAtEnd(reach)) return "ended";
    if (this.#wants === "pause") return "paused";
    return (this.#positionMs ?? reach.fromMs) >= reach.computedToMs ? "waiting" : "playing";
  }

  #isAtEnd(reach: Reach): boolean {
    return reach.isComplete && (this.#positionMs ?? reach.fromMs) >= reach.computedToMs;
  }

  #jump(atMs: EpochMs, reach: Reach): void {
    this.#positionMs = within(atMs, reach);
    this.#hasJumped = true;
  }
}

const within = (atMs: EpochMs, { fromMs, computedToMs }: Reach): EpochMs =>
  Math.min(Math.max(atMs, fromMs), Math.max(fromMs, computedToMs));
