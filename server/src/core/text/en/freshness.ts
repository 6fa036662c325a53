import type { EpochMs, Seconds, Share } from "@mailtide/shared";
import { at, b, dur, n, noun, pct, plainDur, say } from "../say.ts";

export const freshness = {
  "freshness.stale": (p: { collector: string }) => say`No data from ${p.collector}`,
  "freshness.failing": (p: { collector: string }) => say`${p.collector} cannot look`,
  "freshness.others": (p: { count: number }) => say`No data from ${n(p.count)} more ${noun(p.count, "host")}`,
  "freshness.others-are": (p: { names: readonly string[]; more: number }) =>
    say`Silent too: ${b(p.names.join(", "))}${p.more > 0 ? ` and ${p.more} more` : ""}.`,
  "freshness.last-data": (p: { sinceMs: EpochMs; seconds: Seconds; limit: Seconds }) =>
    say`Last data ${dur(p.seconds)} ago, at ${at(p.sinceMs)}; limit ${plainDur(p.limit)}.`,
  "freshness.never": (p: { limit: Seconds }) => say`No data yet; limit ${plainDur(p.limit)}.`,
  "freshness.problem": (p: { problem: string }) => say`${b(p.problem)}`,
  "freshness.blind": () => say`Until it is back, the screen shows too little, or what is old.`,
  "freshness.twins": (p: { node: string }) => say`Two agents send as ${p.node}`,
  "freshness.twins-since": (p: { sinceMs: EpochMs; seconds: Seconds }) =>
    say`They have taken turns for ${dur(p.seconds)}, since ${at(p.sinceMs)}.`,
  "freshness.twins-from": (p: { addresses: string; count: number }) =>
    p.count > 1 ? say`They come from ${p.addresses}.` : say`Both come from ${p.addresses}: one host, or one way out.`,
  "freshness.twins-mean": () => say`What is shown of this node is a mixture of both.`,
  "freshness.log-loss": () => say`Log lines are being lost`,
  "freshness.lost-share": (p: { share: Share; lines: number }) =>
    say`${pct(p.share)} of the last hour’s lines lost, ${n(p.lines)} ${noun(p.lines, "line")}.`,
  "freshness.log-gap": () => say`Log lines are missing`,
  "freshness.gap-in": (p: { node: string; log: string | null; fromMs: EpochMs; toMs: EpochMs }) =>
    p.log === null
      ? say`${b(p.node)}: lines of its log between ${at(p.fromMs)} and ${at(p.toMs)} are missing; nobody knows how many.`
      : say`${b(p.node)}: lines of ${b(p.log)} between ${at(p.fromMs)} and ${at(p.toMs)} are missing; nobody knows how many.`,
  "freshness.gaps-more": (p: { count: number }) => say`${n(p.count)} more ${noun(p.count, "gap")} like this.`,
  "freshness.lost-means": () => say`Delays and counts may read low.`,
};
