import type { LabFrame } from "../frame.ts";
import { calmFrames } from "./calm.ts";
import { honestFrames } from "./honest.ts";
import { hostileFrames } from "./hostile.ts";
import { originFrames } from "./origin-day.ts";
import { platformFrames } from "./platform.ts";
import { slowHostFrames } from "./slow-host.ts";
import { fastForwardFrames, replayFrames } from "./replay.ts";
import { roundTripFrames } from "./round-trip.ts";

export const frames: readonly LabFrame[] = [
  ...calmFrames,
  ...roundTripFrames,
  ...originFrames,
  ...honestFrames,
  ...platformFrames,
  ...slowHostFrames,
  ...hostileFrames,
  ...replayFrames,
  ...fastForwardFrames,
];
