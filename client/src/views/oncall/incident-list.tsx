import type { EpochMs, IncidentId, IncidentSection, IncidentView } from "@mailtide/shared";
import { Button as AriaButton } from "react-aria-components";
import { useClock } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { useFormats } from "../../ui/formats-context.tsx";
import { Shape } from "../../ui/marks.tsx";
import { meaningOfSeverity } from "../../ui/meaning.ts";
import { SentenceText } from "../../ui/sentence.tsx";
import { isOpen } from "../../ui/verdict.ts";
import { sinceWords } from "./select.ts";

interface IncidentListProps {
  readonly section: IncidentSection;
  readonly chosen: IncidentId | null;
  readonly onChoose: (id: IncidentId) => void;
}

/** Every incident of the last day: open ones first, then those that are over. */
export function IncidentList({ section, chosen, onChoose }: IncidentListProps) {
  const formats = useFormats();
  const { siteNowMs } = useClock();
  if (siteNowMs === null) return null;
  const open = section.incidents.filter(isOpen);
  const over = section.incidents.filter((incident) => !isOpen(incident));
  const row = (incident: IncidentView) => (
    <IncidentRow
      key={incident.id}
      incident={incident}
      isChosen={incident.id === chosen}
      onChoose={onChoose}
      nowMs={siteNowMs}
    />
  );
  return (
    <nav className="incident-list" aria-label={text.incident.title}>
      <h2 className="question">{text.incident.title}</h2>
      {open.length === 0 && <p className="quiet">{text.incident.noneOpen}</p>}
      <ul>{open.map(row)}</ul>
      {over.length > 0 && <h3 className="incident-list-over">{text.incident.over}</h3>}
      <ul>{over.map(row)}</ul>
      {section.outbox.failing !== null && (
        <p className="outbox-failing">
          <b>{text.incident.outboxFailing(formats.number(section.outbox.waiting))}</b>{" "}
          <bdi>{section.outbox.failing}</bdi>
        </p>
      )}
    </nav>
  );
}

interface RowProps {
  readonly incident: IncidentView;
  readonly isChosen: boolean;
  readonly onChoose: (id: IncidentId) => void;
  readonly nowMs: EpochMs;
}

function IncidentRow({ incident, isChosen, onChoose, nowMs }: RowProps) {
  const formats = useFormats();
  const open = isOpen(incident);
  const meaning = open ? meaningOfSeverity(incident.severity) : "calm";
  const word =
    incident.state === "acknowledged"
      ? text.actions.acknowledged.toLowerCase()
      : open
        ? text.incident.severity[incident.severity]
        : text.incident.resolvedWord;
  return (
    <li data-testid={isChosen ? undefined : "incident"} data-incident-id={incident.id} data-state={incident.state}>
      <AriaButton
        className={`incident-row is-${meaning} ${isChosen ? "incident-row-chosen" : ""}`}
        onPress={() => onChoose(incident.id)}
        aria-current={isChosen}
      >
        <Shape shape={open ? "steady" : "calm"} meaning={meaning} />
        <span className="incident-row-title">
          <SentenceText sentence={incident.title} nowMs={nowMs} />
        </span>
        <span className="incident-row-since">
          {word} · {sinceWords(incident, formats, nowMs)}
        </span>
      </AriaButton>
    </li>
  );
}
