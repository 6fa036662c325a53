import type { StageSection } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { latency } from "../duration.ts";

/** Where delivered mail spent its time, over the last five minutes. */
export function Stages({ stages }: { readonly stages: StageSection["stages"] }) {
  if (stages.length === 0)
    return (
      <section>
        <h2 className="tile-title">{text.stages.title}</h2>
        <p>{text.stages.none}</p>
      </section>
    );
  return (
    <table className="stages">
      <caption className="tile-title">{text.stages.title}</caption>
      <thead>
        <tr>
          <th>
            <span className="only-read-aloud">{text.stages.title}</span>
          </th>
          <th>{text.stages.median}</th>
          <th>{text.stages.slowest}</th>
        </tr>
      </thead>
      <tbody>
        {stages.map(({ name, medianSeconds, p95Seconds }) => (
          <tr key={name} data-testid={`stage-${name}`}>
            <th scope="row">{text.stages.names[name]}</th>
            <td>{medianSeconds === null ? "–" : <b>{latency(medianSeconds)}</b>}</td>
            <td>{p95Seconds === null ? "–" : latency(p95Seconds)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
