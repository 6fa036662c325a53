import type { DependencyView, EpochMs, Sentence } from "@mailtide/shared";
import { Spark } from "../../chart/spark.tsx";
import { text } from "../../text/en.ts";
import { latency } from "../duration.ts";
import type { Formats } from "../format.ts";
import { useFormats } from "../formats-context.tsx";
import { Name, Shape } from "../marks.tsx";
import { meaningOfDependency } from "../meaning.ts";
import { SentenceText, sentenceWords } from "../sentence.tsx";
import { dependencyFacts, pickDependencies } from "./needs-select.ts";

interface NeedsProps {
  readonly dependencies: readonly DependencyView[];
  readonly nowMs: EpochMs;
  readonly most: number;
}

const shapes = { ok: "calm", slow: "rising", failing: "steady", unknown: "unknown" } as const;

/** What mail flow needs: how fast each answers now, its last minutes as a line, and what is wrong with it. */
export function Needs({ dependencies, nowMs, most }: NeedsProps) {
  const { shown, hidden, hiddenAllWell } = pickDependencies(dependencies, most);
  return (
    <div className="needs">
      <h2 className="tile-title">{text.dependencies.title}</h2>
      {dependencies.length === 0 && <p className="quiet">{text.dependencies.none}</p>}
      <ul>
        {shown.map((dependency) => (
          <Need key={dependency.id} dependency={dependency} nowMs={nowMs} />
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

function Need({ dependency, nowMs }: { readonly dependency: DependencyView; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  const { id, state, latencySeconds, note, recent, sql } = dependency;
  const meaning = meaningOfDependency[state];
  const answer =
    latencySeconds !== null ? latency(latencySeconds) : state === "failing" ? text.dependencies.noAnswer : "–";
  return (
    <li className={`need is-${meaning}`} data-testid={`dependency-${id}`} data-state={state}>
      <Shape shape={shapes[state]} meaning={meaning} />
      <Name>{id}</Name>
      <Spark values={recent} />
      <b className="need-latency" data-seconds={latencySeconds ?? ""}>
        {answer}
      </b>
      <span className="need-note clip" title={noteWords(note, formats, nowMs)}>
        {note !== null && <SentenceText sentence={note} nowMs={nowMs} />}
        {note === null &&
          (dependencyFacts(sql, formats)[0] ??
            (state === "ok" ? text.dependencies.types[dependency.type] : text.dependencies.states[state]))}
      </span>
      {note !== null && sql !== null && <span className="need-facts">{dependencyFacts(sql, formats).join(", ")}</span>}
    </li>
  );
}

const noteWords = (note: Sentence | null, formats: Formats, nowMs: EpochMs): string =>
  note === null ? "" : sentenceWords(note, formats, nowMs);
