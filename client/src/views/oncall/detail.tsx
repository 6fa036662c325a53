import type { IncidentView } from "@mailtide/shared";
import type { ReactNode } from "react";
import { useClock, useLive } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { Chapters } from "../../ui/chapters.tsx";
import { useFormats } from "../../ui/formats-context.tsx";
import { Shape } from "../../ui/marks.tsx";
import { meaningOfSeverity } from "../../ui/meaning.ts";
import { SentenceText } from "../../ui/sentence.tsx";
import { storyOf } from "../../ui/story.ts";
import { readVerdict } from "../../ui/verdict.ts";
import { useHrefs } from "./hrefs.ts";
import { NowTiles } from "./now-tiles.tsx";
import { handlingWords, sinceWords, stepsOf } from "./select.ts";
import { StepItem } from "./step-item.tsx";

/** The four questions in order. */
export function Detail({
  incident,
  children,
}: {
  readonly incident: IncidentView | null;
  readonly children: ReactNode;
}) {
  const state = useLive((view) => view.received?.state ?? null);
  const { siteNowMs, stale } = useClock();
  if (state === null || siteNowMs === null) return null;
  const verdict = readVerdict(state, siteNowMs);
  return (
    <article
      className="detail"
      data-testid={incident === null ? undefined : "incident"}
      data-incident-id={incident?.id}
      data-state={incident?.state}
    >
      {stale === null && (
        <p
          className={`detail-verdict is-${verdict.meaning}`}
          data-testid="verdict"
          data-verdict={state.delay.verdict}
          aria-live="polite"
        >
          <Shape shape={verdict.shape} meaning={verdict.meaning} /> {verdict.words}
        </p>
      )}
      {incident === null ? (
        <h1>{stale === null && verdict.meaning === "calm" ? text.questions.nothingWrong : text.incident.noneOpen}</h1>
      ) : (
        <IncidentHead incident={incident} nowMs={siteNowMs} />
      )}
      {children}
      <NowTiles state={state} nowMs={siteNowMs} />
      {incident !== null && <IncidentBody incident={incident} nowMs={siteNowMs} />}
    </article>
  );
}

function IncidentHead({ incident, nowMs }: { readonly incident: IncidentView; readonly nowMs: number }) {
  const formats = useFormats();
  return (
    <header>
      <h1>
        <SentenceText sentence={incident.title} nowMs={nowMs} />
      </h1>
      <p className={`detail-since facts is-${meaningOfSeverity(incident.severity)}`}>
        <span className="detail-severity">
          {incident.state === "resolved" ? text.incident.resolvedWord : text.incident.severity[incident.severity]}
        </span>
        <span>
          <b>{sinceWords(incident, formats, nowMs)}</b>
        </span>
        {handlingWords(incident, formats, nowMs).map((words) => (
          <span key={words}>{words}</span>
        ))}
      </p>
    </header>
  );
}

const mostChapters = 40;

function IncidentBody({ incident, nowMs }: { readonly incident: IncidentView; readonly nowMs: number }) {
  const steps = stepsOf(incident);
  const { ofHost } = useHrefs();
  return (
    <>
      <section>
        <h2 className="question">{text.questions.why}</h2>
        <Chapters story={storyOf(incident, mostChapters)} nowMs={nowMs} hrefOf={ofHost} />
      </section>
      {incident.state !== "resolved" && (
        <section>
          <h2 className="question">{text.questions.todo}</h2>
          {steps.length === 0 && <p className="quiet">{text.questions.noActions}</p>}
          <ol className="steps">
            {steps.map((step, index) => (
              <StepItem key={`${step.alert}-${index}`} step={step} nowMs={nowMs} />
            ))}
          </ol>
        </section>
      )}
    </>
  );
}
