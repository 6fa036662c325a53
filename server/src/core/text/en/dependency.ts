import type { EpochMs, Seconds } from "@mailtide/shared";
import { at, dur, say } from "../say.ts";

export const dependency = {
  "dependency.fails": (p: { dependency: string; kind: string }) => say`${p.dependency} (${p.kind}) fails`,
  "dependency.slow-now": (p: { dependency: string; kind: string }) =>
    say`${p.dependency} (${p.kind}) is far slower than usual`,
  "dependency.full": (p: { dependency: string }) => say`${p.dependency} (disk) is nearly full or too busy`,
  "dependency.certificate": (p: { dependency: string }) => say`The certificate of ${p.dependency} is no longer good`,
  "dependency.roundtrip": (p: { dependency: string }) => say`Probe mail of ${p.dependency} does not come back in time`,
  "dependency.failed-for": (p: { seconds: Seconds; sinceMs: EpochMs }) =>
    say`In trouble for ${dur(p.seconds)}, since ${at(p.sinceMs)}.`,
};
