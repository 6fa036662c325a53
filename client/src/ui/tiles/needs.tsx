import type { DependencyView, EpochMs, SqlView } from "@mailtide/shared";
import { Spark } from "../../chart/spark.tsx";
import { text } from "../../text/en.ts";
import { duration, latency } from "../duration.ts";
import type { Formats } from "../format.ts";
import { useFormats } from "../formats-context.tsx";
import { Name, Shape } from "../marks.tsx";
import { meaningOfDependency } from "../meaning.ts";
import { sentenceWords } from "../sentence.tsx";
import { dependencyFacts, fittingDetails, pickDependencies, stateAndNote } from "./needs-select.ts";
import type { LineCharacters } from "./needs-select.ts";

interface NeedsProps {
  readonly dependencies: readonly DependencyView[];
  readonly nowMs: EpochMs;
  readonly mostLines: number;
  /** How many waiting sessions to name; the screens that nobody can act on name none. */
  readonly mostBlocked: number;
  /** Where details may not take as many lines as they like; a long one takes two. */
  readonly line?: LineCharacters;
}

const shapes = { ok: "calm", slow: "rising", failing: "steady", unknown: "unknown" } as const;

/** What mail flow needs: how fast each answers now, its last minutes as a line, and what is wrong with it. */
export function Needs({ dependencies, nowMs, mostLines, mostBlocked, line = Infinity }: NeedsProps) {
  const formats = useFormats();
  const detailsOf = (dependency: DependencyView) => detailsIn(dependency, formats, nowMs, line);
  const { shown, detailLines, hidden, hiddenAllWell } = pickDependencies(dependencies, mostLines, (dependency) => {
    const { length } = detailsOf(dependency).join(" · ");
    return length === 0 ? 0 : length > line ? 2 : 1;
  });
  return (
    <div className="needs">
      <h2 className="tile-title">{text.dependencies.title}</h2>
      {dependencies.length === 0 && <p className="quiet">{text.dependencies.none}</p>}
      <ul data-detail-lines={detailLines}>
        {shown.map((dependency) => (
          <Need
            key={dependency.id}
            dependency={dependency}
            details={detailLines === 0 ? [] : detailsOf(dependency)}
            hasWord={detailLines === 0 && dependency.state !== "ok"}
            mostBlocked={mostBlocked}
          />
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

/** The state in a word, the server's note, then locks and connections, as far as they fit. */
function detailsIn(
  { state, note, sql }: DependencyView,
  formats: Formats,
  nowMs: EpochMs,
  line: LineCharacters,
): readonly string[] {
  const said = note === null ? [] : [sentenceWords(note, formats, nowMs)];
  const facts = dependencyFacts(sql, formats);
  if (state === "ok") return fittingDetails([...said, ...facts], line);
  const word = text.dependencies.states[state];
  const [first = word, ...rest] = said[0] === undefined ? [word] : stateAndNote(word, said[0]);
  return [first, ...fittingDetails([...rest, ...facts], line - first.length)];
}

interface NeedProps {
  readonly dependency: DependencyView;
  readonly details: readonly string[];
  /** Its state in a word, in the line's place, where there is no room for details that begin with it. */
  readonly hasWord: boolean;
  readonly mostBlocked: number;
}

function Need({ dependency, details, hasWord, mostBlocked }: NeedProps) {
  const { id, type, state, latencySeconds, recent, sql } = dependency;
  const meaning = meaningOfDependency[state];
  const silent = state === "failing" ? text.dependencies.noAnswer : text.dependencies.notChecked;
  return (
    <li
      className={`need is-${meaning}`}
      data-testid={`dependency-${id}`}
      data-state={state}
      title={text.dependencies.types[type]}
    >
      <Shape shape={shapes[state]} meaning={meaning} />
      <Name>{id}</Name>
      {hasWord ? <b className="need-word">{text.dependencies.states[state]}</b> : <Spark values={recent} />}
      <b className="need-latency tabular" data-seconds={latencySeconds ?? ""}>
        {latencySeconds === null ? silent : latency(latencySeconds)}
      </b>
      {details.length > 0 && (
        <p className="need-detail">
          {details.map((detail, index) =>
            index === 0 && state !== "ok" ? (
              <b key={detail} className="need-word">
                {detail}
              </b>
            ) : (
              <span key={detail}>
                <bdi>{detail}</bdi>
              </span>
            ),
          )}
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
