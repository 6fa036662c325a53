import type { Seconds, Share } from "@mailtide/shared";
import { b, dur, n, noun, pct, say } from "../say.ts";

export const attack = {
  "attack.spoof-flood": () => say`Spoofing flood`,
  "attack.inbound-flood": () => say`Flood from new sources`,
  "attack.new-sources": (p: { fresh: number; usual: number }) => say`${n(p.fresh)} new sources, usual ${n(p.usual)}.`,
  "attack.new-sources-only": (p: { fresh: number; distinct: number; atLeast: boolean }) =>
    say`${n(p.fresh)} new sources of ${p.atLeast ? "at least " : ""}${n(p.distinct)} sending.`,
  "attack.spoof-share": (p: { share: Share; sources: number }) =>
    say`${pct(p.share)} of the mail from outside is sent to its own sender, by ${n(p.sources)} ${noun(p.sources, "source")}.`,
  "attack.rate": (p: { messages: number; rejects: number }) =>
    say`${n(p.messages)} mails/s come in, ${n(p.rejects)}/s are refused.`,
  "attack.absorbed": () => say`Mail is still ${b("on time")}: absorbed so far.`,
  "attack.hits": (p: { seconds: Seconds }) => say`Mail is late by ${dur(p.seconds)} meanwhile.`,
};
