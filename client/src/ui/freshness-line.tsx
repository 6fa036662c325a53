import type { Freshness } from "@mailtide/shared";
import { useClock, useLive, useSection } from "../live/hooks.ts";
import type { Silence } from "../live/model.ts";
import { text } from "../text/en.ts";
import { duration } from "./duration.ts";
import { useFormats } from "./formats-context.tsx";
import { Shape } from "./marks.tsx";
import type { Meaning } from "./meaning.ts";
import { sentenceWords } from "./sentence.tsx";

/** How old the slowest required data is, and whether something is missing: a shape and a word, always visible. */
export function FreshnessLine({ short = false }: { readonly short?: boolean }) {
  const { ageSeconds, stale, silence, siteNowMs } = useClock();
  const freshness = useSection("freshness");
  const isLeaping = useSection("meta")?.fastForwardToMs !== undefined;
  const link = useLive((view) => view.link.kind);
  const formats = useFormats();
  if (freshness === null) return null;
  const isWhole = stale === null && silence === null && freshness.complete;
  const meaning: Meaning = isWhole ? "calm" : "unknown";
  const age =
    ageSeconds === null
      ? text.freshness.notMeasured
      : (short ? text.freshness.oldShort : text.freshness.old)(duration(ageSeconds));
  const word = wordOf(freshness, stale !== null, silence);
  const lost = freshness.lostShare > 0.02 ? text.freshness.incompleteLost(formats.percent(freshness.lostShare)) : null;
  const why = freshness.incompleteBecause.map((sentence) => sentenceWords(sentence, formats, siteNowMs ?? 0)).join(" ");
  return (
    <span
      className={`freshness is-${meaning}`}
      data-testid="data-age"
      data-age-seconds={ageSeconds ?? ""}
      data-complete={freshness.complete}
      title={why}
    >
      <Shape shape={meaning === "calm" ? "calm" : "unknown"} meaning={meaning} />
      <span>
        {!isLeaping && `${age}, `}
        <b>{word}</b>
        {lost !== null && !short && <span className="freshness-lost">, {lost}</span>}
        {link === "lost" && <span>, {text.link.reconnecting}</span>}
      </span>
    </span>
  );
}

function wordOf({ complete }: Freshness, isStale: boolean, silence: Silence | null): string {
  if (isStale) return text.freshness.stale;
  if (silence !== null) return text.freshness.silent(silence.collectors.length, silence.hosts);
  return complete ? text.freshness.complete : text.freshness.incomplete;
}
