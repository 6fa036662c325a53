import type {
  EpochMs,
  LiveState,
  Millis,
  RecordingSection,
  TransportCommand,
  TransportSection,
} from "@mailtide/shared";
import type { Group } from "./group.ts";
import type { CaptureSummary, MarkList, Wanted } from "./compute.ts";
import type { FrameStore } from "./store.ts";
import { factorOf, type Reach, Transport } from "./transport.ts";

export interface Shown {
  readonly state: LiveState;
  /** It does not follow from what was shown before. */
  readonly cut: boolean;
}

/** A recording as screens see it: what is computed so far, where it stands, and the state at that instant. */
export class Show {
  readonly #frames: FrameStore;
  readonly #transport: Transport;
  #recording: RecordingSection;
  #fromMs: EpochMs | null = null;
  #computing: Pick<TransportSection, "computing" | "problem"> = { computing: "running", problem: null };

  constructor(frames: FrameStore, capture: CaptureSummary, transport: Transport) {
    const { name, simulated, fromMs, toMs } = capture;
    this.#frames = frames;
    this.#transport = transport;
    this.#recording = { name, simulated, fromMs: fromMs ?? 0, toMs, marks: [], marksLeftOut: 0 };
  }

  async take(group: Group, marks: MarkList | null): Promise<Wanted> {
    await this.#frames.append(group);
    this.#fromMs ??= group.fromMs;
    if (marks !== null) this.#recording = { ...this.#recording, ...marks };
    return this.#frames.stepSeconds;
  }

  /** Nothing more will be computed; the problem says in words why, when that is not the recording's end. */
  ended(problem: string | null): void {
    this.#computing = { computing: problem === null ? "done" : "stopped", problem };
    const lastMs = this.#frames.lastMs;
    if (problem === null && lastMs !== null) this.#recording = { ...this.#recording, toMs: lastMs };
  }

  move(command: TransportCommand, realMs: Millis): void {
    this.#transport.command(command, realMs, this.#reach());
  }

  /** What to show at a real instant; null until there is something. */
  async at(realMs: Millis): Promise<Shown | null> {
    if (this.#fromMs === null) {
      this.#transport.standBy(realMs);
      return null;
    }
    const reach = this.#reach();
    this.#transport.advance(realMs, reach);
    const view = this.#transport.view(reach);
    const cut = this.#transport.takeJump();
    const recording = this.#recording;
    const computing = this.#computing;
    const found = await this.#frames.at(view.positionMs);
    if (found === null) return null;
    const { state, stepSeconds } = found;
    const speed = view.play === "playing" ? factorOf(view.speed) : 0;
    const transport = { ...view, ...computing, computedToMs: reach.computedToMs, stepSeconds };
    return { state: { ...state, meta: { ...state.meta, speed }, recording, transport }, cut };
  }

  #reach(): Reach {
    const fromMs = this.#fromMs ?? 0;
    return {
      fromMs,
      computedToMs: this.#frames.lastMs ?? fromMs,
      isComplete: this.#computing.computing !== "running",
    };
  }
}
