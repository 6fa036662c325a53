import type { EpochMs, Share } from "@mailtide/shared";
import { at, n, noun, pct, say } from "../say.ts";

export const delivery = {
  "delivery.no-connections": () => say`Many other mail systems cannot be reached at once: the fault is on our side`,
  "delivery.no-look-ups": () => say`Look-ups fail for many other mail systems at once: the fault is on our side`,
  "delivery.no-tls": () => say`TLS fails with many mail systems: the fault is ours`,
  "delivery.operators-without-tls": (p: { hit: number; tried: number; share: Share }) =>
    say`With ${n(p.hit)} of ${String(p.tried)} ${noun(p.tried, "operator")} tried in the last five minutes no mail went through, mostly because of TLS, ${pct(p.share)}.`,
  "delivery.operators-hit": (p: { hit: number; tried: number; share: Share }) =>
    say`${n(p.hit)} of ${String(p.tried)} ${noun(p.tried, "operator")} tried in the last five minutes did not answer, ${pct(p.share)}.`,
  "delivery.ours-since": (p: { sinceMs: EpochMs }) =>
    say`Mail that waits for them counts as ours since ${at(p.sinceMs)}.`,
};
