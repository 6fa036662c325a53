import type { PerSecond, Seconds } from "@mailtide/shared";
import { b, dur, n, plainDur, say } from "../say.ts";

export const counted = {
  "counted.only": (p: { nodes: readonly string[]; more: number }) =>
    say`Of ${b(p.nodes.join(", "))}${p.more > 0 ? ` and ${p.more} more` : ""} only counts of queues are known, no log.`,
  "counted.growth": (p: { node: string }) => say`The queues of ${p.node} only grow`,
  "counted.grown": (p: { waiting: number; before: number; seconds: Seconds }) =>
    say`${n(p.waiting)} waiting, ${n(p.before)} ${plainDur(p.seconds)} ago.`,
  "counted.stands": (p: { node: string }) => say`Nothing leaves the queues of ${p.node}`,
  "counted.left": (p: { left: PerSecond; arrived: PerSecond | null }) =>
    p.arrived === null ? say`${n(p.left)} leave a second.` : say`${n(p.left)} leave a second, ${n(p.arrived)} arrive.`,
  "counted.old": (p: { node: string }) => say`Mail waits at the entrance of ${p.node}`,
  "counted.oldest": (p: { seconds: Seconds; target: Seconds; atLeast: boolean }) =>
    say`The oldest for ${p.atLeast ? "at least " : ""}${dur(p.seconds)}, target ${plainDur(p.target)}.`,
  "counted.estimate": (p: { by: string }) =>
    say`An estimate from the counts of ${p.by}: this node has no log, so whose wait it is, nobody can say.`,
};
