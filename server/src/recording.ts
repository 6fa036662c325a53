import { gzipSync } from "node:zlib";
import type { EpochMs } from "@mailtide/shared";
import type { RecordedSettings, RecordingHead } from "./capture/recording.ts";
import { backoffOfNode, mtaOfNode } from "./config/node.ts";
import type { Config } from "./config/schema.ts";
import type { SiteCoreConfig } from "./core/site-core.ts";
import type { StateStore } from "./store/state.ts";

const settingsKey = "recorded-settings";
/** So many changes of the settings are told apart. */
const mostSettings = 20;

type Kept = Pick<StateStore, "get" | "set">;

/** Remembers what the server is set to do from its next turn on, when that has changed. */
export async function rememberSettings(state: Kept, journalSeq: number, settings: RecordedSettings): Promise<void> {
  const known = await settingsIn(state);
  if (JSON.stringify(known.at(-1)?.settings) === JSON.stringify(settings)) return;
  const all = [...known, { fromSeq: journalSeq + 1, settings }];
  await state.set(settingsKey, JSON.stringify(all.slice(-mostSettings)));
}

/** A server's last hours as it hands them out (capture/read-recording.ts); null when it keeps none. */
export async function handOut(
  state: Kept & Pick<StateStore, "recording">,
  fromMs: EpochMs,
  nowMs: EpochMs,
): Promise<{ readonly bytes: number; readonly chunks: AsyncIterable<Uint8Array> } | null> {
  const recording = await state.recording(fromMs);
  if (recording === null) return null;
  const head: RecordingHead = { version: 1, settings: await settingsIn(state), nowMs };
  return { bytes: recording.bytes, chunks: framed(head, recording.chunks()) };
}

async function* framed(head: RecordingHead, turns: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield gzipSync(`${JSON.stringify(head)}\n`);
  yield* turns;
  yield gzipSync("end\n");
}

async function settingsIn(state: Kept): Promise<RecordingHead["settings"]> {
  const text = await state.get(settingsKey);
  return text === null ? [] : (JSON.parse(text) as RecordingHead["settings"]);
}

/** The part of the configuration that a replay needs. */
export function recordedSettings(config: Config, core: SiteCoreConfig): RecordedSettings {
  return {
    site: config.site,
    simulated: core.mode === "simulated",
    targetSeconds: core.targetSeconds,
    resolveAfterSeconds: core.alerts.resolveAfterSeconds,
    rules: core.alerts.rules as RecordedSettings["rules"],
    installId: core.alerts.installId,
    nodes: config.nodes.map((node) => ({
      id: node.id,
      mta: mtaOfNode(node),
      timezone: node.timezone ?? config.site.timezone,
      ownDomains: node.ownDomains,
      ...(node.ownHops === undefined ? {} : { ownHops: node.ownHops }),
      backoff: backoffOfNode(node),
    })),
    probes: core.delay.site.probes ?? [],
    dependencies: config.dependencies.map(({ id, type, affects }) => ({ id, type, affects })),
    collectors: core.collectors,
  };
}
