import type { EpochMs, Freshness } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { useFormats } from "../formats-context.tsx";
import { Name } from "../marks.tsx";
import { SentenceText } from "../sentence.tsx";

/** Where all of a large site's agents are cut off at once, a phone has other things to show too. */
const mostCollectors = 20;

/** Why the numbers may have missed something: lost lines, and every collector that does not do its work. */
export function Doubts({ freshness, nowMs }: { readonly freshness: Freshness; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  const ill = freshness.collectors.filter(({ state }) => state !== "ok");
  const more = ill.length - mostCollectors;
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
        {ill.slice(0, mostCollectors).map(({ id, state, problem, lastDataMs }) => (
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
        {more > 0 && <li className="quiet">{text.doubts.more(more)}</li>}
      </ul>
    </div>
  );
}
