import type { EpochMs, Freshness } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { useFormats } from "../formats-context.tsx";
import { Name } from "../marks.tsx";
import { SentenceText } from "../sentence.tsx";

/** Why the numbers may have missed something: lost lines, and every collector that does not do its work. */
export function Doubts({ freshness, nowMs }: { readonly freshness: Freshness; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  const ill = freshness.collectors.filter(({ state }) => state !== "ok");
  if (ill.length === 0 && freshness.incompleteBecause.length === 0) return null;
  return (
    <div className="doubts is-unknown">
      <h2 className="tile-title">{text.doubts.title}</h2>
      <ul>
        {freshness.incompleteBecause.map((sentence, index) => (
          <li key={`${sentence.id}-${index}`}>
            <SentenceText sentence={sentence} nowMs={nowMs} />
          </li>
        ))}
        {ill.map(({ id, state, problem, lastDataMs }) => (
          <li key={id}>
            <Name>{id}</Name>
            <b>{text.doubts.states[state]}</b>,{" "}
            {lastDataMs === null ? text.doubts.never : text.doubts.lastData(formats.timeNear(lastDataMs, nowMs))}
            {problem !== null && (
              <p>
                <bdi>{problem}</bdi>
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
