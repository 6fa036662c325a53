import type { SavedPart } from "../../../core/part.ts";
import type { Checkpoint } from "../../state.ts";
import type { Remote } from "../../worker/remote.ts";
import type { StateApi } from "./state-worker.ts";

/** Copying this much to the other thread takes well under a millisecond: turns and screens pass in between. */
const chunkCharacters = 1 << 18;

export async function saveParts(remote: Remote<StateApi>, { journalSeq, nowMs, parts }: Checkpoint): Promise<void> {
  // What one before has staged that did not come to its end, for want of room or by a crash.
  await sweep(remote);
  const generation = await remote.call("nextGeneration");
  try {
    for (const [name, { format, text }] of parts) {
      for (const chunk of chunksOf(text)) await remote.call("stage", generation, name, format, chunk);
    }
    await remote.call("makeValid", generation, journalSeq, nowMs);
  } catch (error) {
    // Commits need the room.
    await sweep(remote).catch(() => undefined);
    throw error;
  }
  await sweep(remote);
}

async function sweep(remote: Remote<StateApi>): Promise<void> {
  while (await remote.call("sweep"));
}

export async function loadParts(remote: Remote<StateApi>): Promise<ReadonlyMap<string, SavedPart>> {
  const parts = new Map<string, { readonly format: number; readonly chunks: string[] }>();
  for (let id = 0; ;) {
    const chunk = await remote.call("checkpointChunkAfter", id);
    if (chunk === null) break;
    id = chunk.id;
    const part = parts.get(chunk.part) ?? { format: chunk.format, chunks: [] };
    part.chunks.push(chunk.text);
    parts.set(chunk.part, part);
  }
  return new Map([...parts].map(([name, { format, chunks }]) => [name, { format, text: chunks.join("") }]));
}

/** At least one piece; a pair of surrogates is never parted, since half of one cannot be stored. */
export function* chunksOf(text: string, characters = chunkCharacters): Generator<string> {
  let from = 0;
  do {
    let to = Math.min(from + characters, text.length);
    const last = text.charCodeAt(to - 1);
    if (to < text.length && last >= 0xd800 && last <= 0xdbff) to++;
    yield text.slice(from, to);
    from = to;
  } while (from < text.length);
}
