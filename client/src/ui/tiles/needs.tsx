import type { DependencyView, EpochMs, SqlView } from "@mailtide/shared";
import { Spark } from "../../chart/spark.tsx";
import { text } from "../../text/en.ts";
import { duration, latency } from "../duration.ts";
import { useFormats } from "../formats-context.tsx";
import { Name, Shape } from "../marks.tsx";
import { meaningOfDependency } from "../meaning.ts";
import { SentenceText, sentenceWords } from "../sentence.tsx";
import { dependencyFacts, pickDependencies } from "./needs-select.ts";

interface NeedsProps {
  readonly dependencies: readonly DependencyView[];
  readonly nowMs: EpochMs;
  readonly mostLines: number;
  /** How many waiting sessions to name; the screens that nobody can act on name none. */
  readonly mostBlocked: number;
}

const shapes = { ok: "calm", slow: "rising", failing: "steady", unknown: "unknown" } as const;

/** What mail flow needs: how fast each answers now, its last minutes as a line, and what is wrong with it. */
export function Needs({ dependencies, nowMs, mostLines, mostBlocked }: NeedsProps) {
  const { shown, hidden, hiddenAllWell } = pickDependencies(dependencies, mostLines);
  return (
    <div className="needs">
      <h2 className="tile-title">{text.dependencies.title}</h2>
      {dependencies.length === 0 && <p className="quiet">{text.dependencies.none}</p>}
      <ul>
        {shown.map((dependency) => (
          <Need key={dependency.id} dependency={dependency} nowMs={nowMs} mostBlocked={mostBlocked} />
        ))}
      </ul>
      {hidden > 0 && (
        <p className="quiet">
          {hiddenAllWell ? text.dependencies.moreOk(hidden) : text.dependencies.moreNotOk(hidden)}
        </p>
      )}
    </div>
  );
}

interface NeedProps {
  readonly dependency: DependencyView;
  readonly nowMs: EpochMs;
  readonly mostBlocked: number;
}

function Need({ dependency, nowMs, mostBlocked }: NeedProps) {
  const formats = useFormats();
  const { id, type, state, latencySeconds, note, recent, sql } = dependency;
  const meaning = meaningOfDependency[state];
  const silent = state === "failing" ? text.dependencies.noAnswer : text.dependencies.notChecked;
  const facts = dependencyFacts(sql, formats);
  const word = state === "ok" ? null : text.dependencies.states[state];
  const details = [word, note === null ? null : sentenceWords(note, formats, nowMs), ...facts].filter(
    (detail) => detail !== null,
  );
  return (
    <li
      className={`need is-${meaning}`}
      data-testid={`dependency-${id}`}
      data-state={state}
      title={text.dependencies.types[type]}
    >
      <Shape shape={shapes[state]} meaning={meaning} />
      <Name>{id}</Name>
      <Spark values={recent} />
      <b className="need-latency tabular" data-seconds={latencySeconds ?? ""}>
        {latencySeconds === null ? silent : latency(latencySeconds)}
      </b>
      {details.length > 0 && (
        <p className="need-detail clip" title={details.join(", ")}>
          {word !== null && <b className="need-word">{word}</b>}
          {note !== null && (
            <span>
              <SentenceText sentence={note} nowMs={nowMs} />
            </span>
          )}
          {facts.map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
      )}
      {sql !== null && mostBlocked > 0 && <Blocked sessions={sql.blocked.slice(0, mostBlocked)} />}
    </li>
  );
}

/** Who waits for whom, with what: the statement is masked by the server. */
function Blocked({ sessions }: { readonly sessions: SqlView["blocked"] }) {
  if (sessions.length === 0) return null;
  return (
    <ul className="need-blocked">
      {sessions.map(({ session, blockedBy, seconds, statement }) => (
        <li key={session}>
          <span>
            {text.dependencies.blocked(session, blockedBy.join(", "))}, {duration(seconds)}
          </span>
          {statement !== null && <Name>{statement}</Name>}
        </li>
      ))}
    </ul>
  );
}
