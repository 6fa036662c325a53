import type { DelaySection, EpochMs, IncidentView } from "@mailtide/shared";
import { directions } from "@mailtide/shared";
import { useClock, useSection } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { Chapters } from "../../ui/chapters.tsx";
import { duration, shortDuration } from "../../ui/duration.ts";
import { useFormats } from "../../ui/formats-context.tsx";
import { meaningOfSeverity } from "../../ui/meaning.ts";
import { SentenceText } from "../../ui/sentence.tsx";
import { storyOf } from "../../ui/story.ts";
import { useFittingLines } from "./fitting-lines.ts";
import { leadIncident } from "./select.ts";

const mostChapters = 4;
const mostOthers = 3;

/** The story of the incident that matters; on a calm day what happened last and each direction by itself. */
export function Side() {
  const section = useSection("incidents");
  const delay = useSection("delay");
  const { siteNowMs } = useClock();
  if (section === null || delay === null || siteNowMs === null) return null;
  const { lead, others, moreOpen, resolved } = leadIncident(section, mostOthers);
  return (
    <aside className="side">
      {lead === null ? (
        <CalmSide delay={delay} resolved={resolved} nowMs={siteNowMs} />
      ) : (
        <IncidentCard incident={lead} nowMs={siteNowMs} isTight={others.length > 1} />
      )}
      {others.length > 0 && (
        <ul className="side-others">
          {others.map((incident) => (
            <Row key={incident.id} incident={incident} nowMs={siteNowMs} />
          ))}
          {moreOpen > 0 && <li className="side-more">{text.incident.moreOpen(moreOpen)}</li>}
        </ul>
      )}
      {section.outbox.failing !== null && (
        <p className="side-outbox">{text.incident.outboxFailing(String(section.outbox.waiting))}</p>
      )}
    </aside>
  );
}

function IncidentCard({
  incident,
  nowMs,
  isTight,
}: {
  readonly incident: IncidentView;
  readonly nowMs: EpochMs;
  readonly isTight: boolean;
}) {
  const formats = useFormats();
  const story = storyOf(incident, isTight ? mostChapters - 1 : mostChapters);
  const since = text.incident.since(
    formats.timeNear(incident.startedAtMs, nowMs),
    duration((nowMs - incident.startedAtMs) / 1000),
  );
  const told = useFittingLines();
  return (
    <article
      className={`card ${isTight ? "card-tight" : ""} is-${meaningOfSeverity(incident.severity)}`}
      data-testid="incident"
      data-incident-id={incident.id}
      data-state={incident.state}
    >
      <h2 className="card-title">
        <SentenceText sentence={incident.title} nowMs={nowMs} />
      </h2>
      <p className="card-since facts">
        <span>{since}</span>
        {incident.acknowledgedAtMs === null ? (
          <span className="card-open">{text.incident.notAcknowledged}</span>
        ) : (
          <span className="card-acknowledged">
            {text.incident.acknowledged(formats.timeNear(incident.acknowledgedAtMs, nowMs))}
          </span>
        )}
      </p>
      <div className="card-story" ref={told}>
        <Chapters story={story} nowMs={nowMs} hrefOf={null} />
      </div>
    </article>
  );
}

function Row({ incident, nowMs }: { readonly incident: IncidentView; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  const open = incident.resolvedAtMs === null;
  const time = open
    ? formats.timeNear(incident.startedAtMs, nowMs)
    : `${formats.timeNear(incident.startedAtMs, nowMs)}, ${duration(((incident.resolvedAtMs ?? nowMs) - incident.startedAtMs) / 1000)}`;
  return (
    <li
      className={`side-row is-${open ? meaningOfSeverity(incident.severity) : "calm"}`}
      data-testid="incident"
      data-incident-id={incident.id}
      data-state={incident.state}
    >
      <span className="clip">
        <SentenceText sentence={incident.title} nowMs={nowMs} />
      </span>
      <span className="quiet">
        {open && text.incident.severity[incident.severity]} {time}
      </span>
    </li>
  );
}

function CalmSide({
  delay,
  resolved,
  nowMs,
}: {
  readonly delay: DelaySection;
  readonly resolved: readonly IncidentView[];
  readonly nowMs: EpochMs;
}) {
  const formats = useFormats();
  // Nothing was measured, which is not the same as nothing.
  const isUnknown = delay.estimate?.isAll === true;
  return (
    <div className="calm-side">
      <h2 className="tile-title">{text.direction.title}</h2>
      {Object.keys(delay.directions).length === 0 && (
        <p className="calm-none">{isUnknown ? text.direction.unknown : text.direction.none}</p>
      )}
      <table className="calm-directions">
        <tbody>
          {directions.map((direction) => {
            const numbers = delay.directions[direction];
            return (
              numbers !== undefined && (
                <tr key={direction}>
                  <th scope="row">{text.directions[direction]}</th>
                  <td>
                    <b>
                      {numbers.headlineSeconds === null ? text.direction.none : shortDuration(numbers.headlineSeconds)}
                    </b>
                  </td>
                  <td>
                    {numbers.lateShare !== null && `${formats.percent(numbers.lateShare)} ${text.direction.late}`}
                  </td>
                </tr>
              )
            );
          })}
        </tbody>
      </table>
      <h2 className="tile-title">{text.work.title}</h2>
      {isUnknown && <p className="calm-none">{text.work.unknown}</p>}
      {!isUnknown && <Work work={delay.work} />}
      <h2 className="tile-title">{text.incident.noneOpen}</h2>
      {resolved.length === 0 && <p className="calm-none">{text.incident.noneToday}</p>}
      {resolved.length > 0 && (
        <ul className="side-others">
          {resolved.slice(0, 4).map((incident) => (
            <Row key={incident.id} incident={incident} nowMs={nowMs} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Work({ work }: Pick<DelaySection, "work">) {
  const formats = useFormats();
  return (
    <table className="calm-directions">
      <tbody>
        <tr>
          <th scope="row">{text.work.arriving}</th>
          <td>
            <b>{formats.rate(work.arrivingPerSecond)}</b>
          </td>
        </tr>
        <tr>
          <th scope="row">{text.work.leaving}</th>
          <td>
            <b>{formats.rate(work.leavingPerSecond)}</b>
          </td>
        </tr>
        <tr>
          <th scope="row">{text.work.due}</th>
          <td>
            <b>{formats.number(work.due)}</b>
          </td>
        </tr>
      </tbody>
    </table>
  );
}
