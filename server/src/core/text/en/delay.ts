import type { EpochMs, Seconds, Share } from "@mailtide/shared";
import { at, b, dur, n, noun, pct, plainDur, say } from "../say.ts";

export const delay = {
  "delay.late": () => say`Mail is late`,
  "delay.late-by": (p: { seconds: Seconds; target: Seconds; atLeast: boolean }) =>
    say`Mail waits ${p.atLeast ? "at least " : ""}${dur(p.seconds)}, target ${plainDur(p.target)}.`,
  "delay.late-share": (p: { share: Share }) => say`${pct(p.share)} of the last hour’s mail is late.`,
  "delay.late-share-typical": (p: { share: Share; typical: Seconds }) =>
    say`${pct(p.share)} of the last hour’s mail is late; typical mail takes ${dur(p.typical)}.`,
  "delay.on-time": (p: { target: Seconds }) => say`Mail is on time, within ${plainDur(p.target)}.`,
  "delay.unknown": () => say`How late mail is cannot be said now.`,
  "delay.slowest-stage": (p: { stage: string; seconds: Seconds }) =>
    say`Most of the time goes ${b(stageWords[p.stage] ?? p.stage)}: ${dur(p.seconds)} for half of the deliveries.`,
  "delay.not-before": (p: { atMs: EpochMs }) => say`On time again not before ${{ atMs: p.atMs, strong: true }}.`,
  "delay.expected": () => say`Mail accepted now will be late`,
  "delay.expected-wait": (p: { seconds: Seconds; low: Seconds; high: Seconds }) =>
    say`A mail accepted now leaves in ${dur(p.seconds)} (${plainDur(p.low)} to ${plainDur(p.high)}).`,
  "delay.expected-point": (p: { seconds: Seconds }) => say`A mail accepted now leaves in ${dur(p.seconds)}.`,
  "delay.work": (p: { due: number; rate: number; arriving: number }) =>
    say`${n(p.due)} deliveries due, done at ${n(p.rate)}/s, arriving at ${n(p.arriving)}/s.`,
  "delay.no-departures": () => say`Nothing leaves the queues`,
  "delay.not-moving": (p: { seconds: Seconds; sinceMs: EpochMs }) =>
    say`No mail has left for ${dur(p.seconds)}, since ${at(p.sinceMs)}.`,
  "delay.growth": (p: { waiting: number; before: number; seconds: Seconds }) =>
    say`${n(p.waiting)} waiting on us, ${n(p.before)} ${plainDur(p.seconds)} ago.`,
  "delay.waits-at": (p: { node: string; waiting: number; share: Share }) =>
    say`${pct(p.share)} of what waits on us waits at ${b(p.node)}: ${n(p.waiting)} ${noun(p.waiting, "message")}.`,
  "delay.host-late": (p: { node: string }) => say`Mail waits at ${b(p.node)}`,
  "delay.host-late-by": (p: { node: string; count: number; target: Seconds; oldest: Seconds }) =>
    say`${n(p.count)} ${noun(p.count, "message waits", "messages wait")} at ${b(p.node)} for over ${plainDur(p.target)}, the oldest for ${dur(p.oldest)}.`,
  "delay.host-wait": (p: { seconds: Seconds }) => say`More than one in twenty of its mails waits ${dur(p.seconds)}.`,
  "delay.host-still": (p: { seconds: Seconds; sinceMs: EpochMs }) =>
    say`Nothing has left it for ${dur(p.seconds)}, since ${at(p.sinceMs)}.`,
  "delay.host-to": (p: { count: number; destination: string }) =>
    say`${n(p.count)} of them are for ${b(p.destination)}.`,
  "delay.host-rest": (p: { share: Share }) =>
    say`The site as a whole is on time: ${pct(p.share)} of the last hour’s mail is late.`,
  "delay.refused": () => say`We refuse mail for a fault of our own`,
  "delay.refused-count": (p: { count: number; share: Share }) =>
    say`${n(p.count)} refused for now in the last minute, ${pct(p.share)} of what was offered: that mail waits at its senders, in no queue here.`,
  "delay.refused-fault": (p: { fault: string }) => say`Most of it because ${b(faultWords[p.fault] ?? p.fault)}.`,
  "delay.refused-at": (p: { node: string }) => say`Nearly all of it at ${b(p.node)}.`,
  "delay.waiting": (p: { waiting: number }) => say`${n(p.waiting)} waiting on us.`,
  "delay.stuck": (p: { count: number }) => say`${n(p.count)} ${noun(p.count, "message")} stuck`,
  "delay.stuck-oldest": (p: { count: number; oldest: Seconds }) =>
    say`${n(p.count)} far behind the others, the oldest for ${dur(p.oldest)}.`,
  "delay.stuck-where": (p: { count: number; destination: string; node: string; oldest: Seconds }) =>
    say`${n(p.count)} for ${b(p.destination)} on ${p.node}, up to ${plainDur(p.oldest)}.`,
};

const faultWords: Readonly<Record<string, string>> = {
  filter: "a filter (milter, scanner or plugin) does not answer",
  lookup: "look-ups fail",
  resources: "the host lacks space or processes, or is set up wrongly",
  verification: "who vouches for the addresses does not answer",
};

const stageWords: Readonly<Record<string, string>> = {
  beforeQueueManager: "before the queue manager",
  inQueueManager: "in the queue manager",
  connectionSetup: "into setting up connections",
  transmission: "into the transmission",
};
