import { incidentId, oldestProtocolVersion, protocolVersion } from "@mailtide/shared";
import { z } from "zod";

/** What clients may say, checked before anything is believed. Unknown keys are dropped. */
const cursor = z.object({ serverEpoch: z.string().max(64), seq: z.int().min(0) });

export const helloMessage = z.object({
  version: z.int(),
  // A cursor that makes no sense is no cursor: the answer is a snapshot, not an error.
  cursor: cursor.optional().catch(undefined),
});

const incident = z.string().min(1).max(100).transform(incidentId);

export const acknowledgeMessage = z.object({ incident });

const longestSilenceSeconds = 30 * 86_400;
export const silenceMessage = z.object({
  incident,
  forSeconds: z.number().min(60).max(longestSilenceSeconds),
  reason: z.string().trim().min(1).max(500),
});

/** No recording is older than mail itself, nor can a slider stand at no time at all. */
const instant = z.int().min(0).max(8.64e15);
const fastest = 100_000;
export const transportMessage = z.discriminatedUnion("action", [
  z.object({ action: z.literal("play") }),
  z.object({ action: z.literal("pause") }),
  z.object({ action: z.literal("seek"), atMs: instant }),
  z.object({ action: z.literal("speed"), speed: z.union([z.number().positive().max(fastest), z.literal("max")]) }),
]);

/** null when we speak it; otherwise why not, in words for the one who looks at the screen. */
export function versionRefusal(version: number): string | null {
  if (version >= oldestProtocolVersion && version <= protocolVersion) return null;
  const ours = [...new Set<number>([oldestProtocolVersion, protocolVersion])].join(" to ");
  return `This page speaks version ${version} of the live protocol, the server speaks ${ours}: load the page again.`;
}
