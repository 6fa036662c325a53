import type { EpochMs } from "@mailtide/shared";
import type { RecordedSettings } from "./recording.ts";
import { instant } from "./rows.ts";

export interface Described {
  readonly name: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly reportFromMs: EpochMs;
  readonly clear: boolean;
  readonly assumptions: readonly string[];
}

/** `capture.yaml` of a recording. What stands under `recording` is ours; all else is as in any capture. */
export function captureDocument(settings: RecordedSettings, described: Described): object {
  const {
    site,
    simulated,
    targetSeconds,
    resolveAfterSeconds,
    rules,
    installId,
    nodes,
    probes,
    dependencies,
    collectors,
  } = settings;
  return {
    version: 1,
    name: described.name,
    timezone: site.timezone,
    year: new Date(described.fromMs).getUTCFullYear(),
    simulated,
    from: instant(described.fromMs),
    to: instant(described.toMs),
    nodes: nodes.map(({ id, mta, timezone, ownDomains, ownHops }) => ({
      id,
      site: site.id,
      ...(mta === null ? {} : { mta }),
      timezone,
      ownDomains,
      ...(ownHops === undefined ? {} : { ownHops }),
    })),
    dependencies: dependencies.map(({ id, type, affects }) => ({ id, type, affects })),
    recording: {
      reportFrom: instant(described.reportFromMs),
      pseudonymised: !described.clear,
      assumptions: described.assumptions,
      site,
      targetSeconds,
      resolveAfterSeconds,
      rules,
      installId,
      ...(probes === undefined ? {} : { probes }),
      backoff: Object.fromEntries(nodes.map(({ id, backoff }) => [id, backoff])),
      collectors,
    },
  };
}
