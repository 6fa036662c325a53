import type { EpochMs, Seconds } from "@mailtide/shared";
import { at, dur, say } from "../say.ts";

export const dependency = {
  "dependency.fails": (p: { dependency: string; kind: string }) => say`${p.dependency} (${p.kind}) fails`,
  "dependency.slow-now": (p: { dependency: string; kind: string }) =>
    say`${p.dependency} (${p.kind}) is far slower than usual`,
  "dependency.full": (p: { dependency: string }) => say`${p.dependency} (disk) is nearly full or too busy`,
  "dependency.no-room": (p: { dependency: string }) =>
    say`${p.dependency} (disk) has no room for mail, or soon has none`,
  "dependency.no-room-means": () =>
    say`Mail is refused then, and what waits may not be delivered: make room, or stop what fills it.`,
  "dependency.certificate": (p: { dependency: string }) => say`The certificate of ${p.dependency} is no longer good`,
  "dependency.concern": (p: { dependency: string; kind: string }) => say`${p.dependency} (${p.kind}) is about to fail`,
  "dependency.no-writes": (p: { dependency: string }) => say`${p.dependency} answers but takes no writes`,
  "dependency.behind": (p: { dependency: string }) => say`The copy of ${p.dependency} is behind`,
  "dependency.lag": (p: { seconds: Seconds }) => say`What is read there is ${dur(p.seconds)} old.`,
  "dependency.no-writes-means": () =>
    say`Reading works, so a probe that only reads sees nothing: what has to be written waits or is lost.`,
  "round-trip.late": (p: { dependency: string }) => say`Our own test mail (${p.dependency}) does not come back in time`,
  "round-trip.refused": (p: { dependency: string }) => say`Our own test mail (${p.dependency}) is not taken`,
  "round-trip.unreadable": (p: { dependency: string }) =>
    say`The mailbox of our own test mail (${p.dependency}) cannot be read`,
  "round-trip.misfiled": (p: { dependency: string }) => say`Our own test mail (${p.dependency}) is taken for spam`,
  "round-trip.not-back": (p: { seconds: Seconds }) => say`Sent ${dur(p.seconds)} ago, and none since is back.`,
  "round-trip.came-back": (p: { seconds: Seconds }) => say`The last one took ${dur(p.seconds)} to come back.`,
  "round-trip.log-says-well": () =>
    say`By the log no mail is late: it is lost, or waits where the log does not tell of it.`,
  "round-trip.log-says-waits": (p: { seconds: Seconds }) =>
    say`By the log mail waits on us, the oldest for ${dur(p.seconds)}.`,
  "dependency.failed-for": (p: { seconds: Seconds; sinceMs: EpochMs }) =>
    say`In trouble for ${dur(p.seconds)}, since ${at(p.sinceMs)}.`,
};
