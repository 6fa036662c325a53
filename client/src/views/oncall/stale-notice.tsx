import { useClock } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { useFormats } from "../../ui/formats-context.tsx";
import { staleWords } from "../../ui/stale-words.ts";

/** Stands before everything else when what stands below may not be believed. */
export function StaleNotice() {
  const { stale, siteNowMs } = useClock();
  const formats = useFormats();
  if (stale === null || siteNowMs === null) return null;
  const words = staleWords(stale, formats, siteNowMs);
  return (
    <section className="stale-notice" role="alert">
      <h1 data-testid="verdict" data-verdict="stale">
        {words.headline}
      </h1>
      <p>
        {words.what} {text.freshness.unseen}
      </p>
      {words.problem !== null && (
        <p>
          <b>
            <bdi>{words.problem}</bdi>
          </b>
        </p>
      )}
      <p>{text.freshness.believe}</p>
    </section>
  );
}
