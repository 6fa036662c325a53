import type { RuleInput } from "./rule.ts";

/** What customers feel now, or will soon. A fault that nobody feels can wait for the morning; one that they do cannot. */
export type Impact = "late" | "threatened" | "none" | "unknown";

export function impactOf({ sections: { delay }, targetSeconds }: RuleInput): Impact {
  const { expected, tendency, verdict } = delay;
  // One probe mail that is late in a quiet night is not yet everybody's mail: the rule of the round trip decides.
  const headlineSeconds = delay.roundTrip?.isHeadline === true ? null : delay.headlineSeconds;
  if (headlineSeconds !== null && headlineSeconds >= targetSeconds) return "late";
  if (expected.notMovingSinceMs !== null) return "threatened";
  if (expected.seconds !== null && expected.seconds >= targetSeconds) return "threatened";
  if (headlineSeconds !== null && headlineSeconds >= targetSeconds / 2 && tendency === "rising") return "threatened";
  // What is only counted may be late without anybody knowing.
  return verdict === "unknown" || verdict === "estimate" ? "unknown" : "none";
}

export const isHit = (impact: Impact): boolean => impact === "late" || impact === "threatened";
