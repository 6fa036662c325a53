import type { EpochMs } from "@mailtide/shared";
import { Link } from "wouter";
import { useClock } from "../../live/hooks.ts";
import type { Silence } from "../../live/model.ts";
import { text } from "../../text/en.ts";
import { useFormats } from "../../ui/formats-context.tsx";
import { Shape } from "../../ui/marks.tsx";
import { silentWords, staleWords } from "../../ui/stale-words.ts";
import { useHrefs } from "./hrefs.ts";

/** Stands before everything else when what stands below may not be believed. */
export function StaleNotice() {
  const { stale, silence, siteNowMs } = useClock();
  const formats = useFormats();
  if (siteNowMs === null) return null;
  if (silence !== null) return <SilentNotice silence={silence} nowMs={siteNowMs} />;
  if (stale === null) return null;
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

/** Some hosts are silent: what stands below holds for the others. */
function SilentNotice({ silence, nowMs }: { readonly silence: Silence; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  const { ofHost } = useHrefs();
  const [first] = silence.collectors;
  return (
    <section className="silent-notice is-unknown" data-testid="silent" data-count={silence.collectors.length}>
      <p>
        <Shape shape="unknown" meaning="unknown" />{" "}
        <b>
          <bdi>{silentWords(silence, formats, nowMs)}.</bdi>
        </b>{" "}
        {text.freshness.unseenThere}{" "}
        {silence.collectors.length > 1 && <Link href={ofHost(null)}>{text.hosts.all}</Link>}
      </p>
      {first !== undefined && first.problem !== null && (
        <p>
          <bdi>{first.problem}</bdi>
        </p>
      )}
    </section>
  );
}
