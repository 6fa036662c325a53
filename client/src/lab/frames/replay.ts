import type { LiveState, RecordingSection, ReplayMark, TransportSection } from "@mailtide/shared";
import { frame } from "../frame.ts";
import { at, meta, say } from "./build.ts";
import { calmState } from "./calm.ts";
import { lateState, lockedState } from "./origin-day.ts";

const marks: readonly ReplayMark[] = [
  { atMs: at("11:42"), kind: "ticket", label: say("Spoofing flood") },
  { atMs: at("12:24"), kind: "change", label: say("Code push #4182") },
  { atMs: at("12:25:10"), kind: "page", label: say("Database locked during a spoofing flood") },
];
const recording: RecordingSection = {
  name: "Example Mail",
  simulated: true,
  fromMs: at("06:00"),
  toMs: at("23:59"),
  marks,
  marksLeftOut: 0,
};
const playing: TransportSection = {
  positionMs: at("15:03:41"),
  play: "playing",
  speed: 60,
  computedToMs: at("23:59"),
  computing: "done",
  problem: null,
  stepSeconds: 1,
};

function replayed(state: LiveState, transport: Partial<TransportSection>, about: Partial<RecordingSection> = {}) {
  const merged = { ...playing, positionMs: state.meta.nowMs, ...transport };
  const speed = merged.play === "playing" && merged.speed !== "max" ? merged.speed : 0;
  return {
    ...state,
    meta: meta(state.meta.nowMs, { mode: "replay", speed }),
    recording: { ...recording, ...about },
    transport: merged,
  };
}

const manyMarks = Array.from({ length: 60 }, (_, index): ReplayMark => ({
  atMs: at("06:10") + index * 1_050_000,
  kind: (["ticket", "change", "page"] as const)[index % 3] ?? "page",
  label: say(`Something that happened with a rather long name, number ${index}`),
}));

export const replayFrames = [
  frame("replay-playing", "A recording, playing", replayed(lateState, {})),
  frame("replay-paused", "A recording, paused", replayed(lockedState, { play: "paused", speed: 10 })),
  frame(
    "replay-computing",
    "A recording that is still computed; its end is known, this reader may only watch",
    replayed(lockedState, { play: "waiting", speed: "max", computing: "running", computedToMs: at("12:30") }),
    { scopes: ["read"] },
  ),
  frame(
    "replay-long",
    "A long recording in coarse steps, that could not be read to its end",
    replayed(
      calmState,
      {
        play: "ended",
        computing: "stopped",
        problem: "mx1/mail.log.gz: incorrect data check",
        computedToMs: calmState.meta.nowMs,
        stepSeconds: 600,
      },
      { marks: manyMarks, marksLeftOut: 12, toMs: null },
    ),
  ),
];

const { recording: _, transport: __, ...demo } = replayed(calmState, {});
export const fastForwardFrames = [
  frame("fast-forward", "The demo leaps to its first interesting minute", {
    ...demo,
    meta: meta(at("09:12:20"), { mode: "simulated", speed: 60, fastForwardToMs: at("11:30") }),
  }),
];
