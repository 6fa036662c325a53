import type { Attribution, QueueSection } from "@mailtide/shared";
import { attributions } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { duration } from "../duration.ts";
import { useFormats } from "../formats-context.tsx";
import { Name } from "../marks.tsx";
import { Counted } from "./counted.tsx";

interface WaitingProps {
  readonly queues: QueueSection;
  /** Ours is coloured only when it makes mail late. */
  readonly isLate: boolean;
  /** Lines for queues; what has to be said beside them takes from these. */
  readonly most: number;
}

/** What waits, by queue, and whose wait it is. */
export function Waiting({ queues, isLate, most }: WaitingProps) {
  const formats = useFormats();
  const legend = attributions.filter(
    (whose) => queues.waiting[whose].count > 0 || whose === "own" || whose === "remote",
  );
  // Where there is room: that the figure is an estimate stands beside the figure.
  const counted = most > 4 ? (queues.counted?.nodes ?? []) : [];
  const countedLines = Math.floor(most / 4);
  const extraLines =
    Math.min(counted.length, countedLines) +
    Number(queues.unexplained > 0) +
    Number(legend.length > 4) +
    Number(queues.queues.length > most);
  const shown = queues.queues.slice(0, Math.max(1, most - extraLines));
  const hidden = queues.queues.length - shown.length;
  const largest = Math.max(1, ...shown.map(({ count }) => count));
  const oldest = queues.waiting.own.oldestSeconds;
  return (
    <div className={`waiting ${isLate ? "waiting-late" : ""}`}>
      <h2 className="tile-title">{text.queues.title}</h2>
      {shown.length === 0 && <p className="quiet">{text.queues.empty}</p>}
      <ul className="waiting-rows">
        {shown.map((queue) => (
          <li key={queue.name}>
            <Name>{queue.name}</Name>
            <Bar waiting={queue.waiting} largest={largest} />
            <b className="waiting-count tabular">{formats.number(queue.count)}</b>
          </li>
        ))}
      </ul>
      {hidden > 0 && <p className="quiet">{text.queues.more(hidden)}</p>}
      <ul className="waiting-legend">
        {legend.map((whose) => (
          <li key={whose}>
            <span className={`swatch whose-${whose}`} />
            <b data-testid={whose === "remote" ? "waiting-remote" : undefined} data-count={queues.waiting[whose].count}>
              {formats.number(queues.waiting[whose].count)}
            </b>{" "}
            {text.attribution[whose]}
            {whose === "own" && oldest !== null && queues.waiting.own.count > 0 && (
              <>, {text.queues.oldest(duration(oldest))}</>
            )}
          </li>
        ))}
      </ul>
      {queues.unexplained > 0 && (
        <p className="waiting-unexplained">
          <b>{formats.number(queues.unexplained)}</b> {text.queues.unexplained}
        </p>
      )}
      <Counted nodes={counted.slice(0, countedLines)} hidden={counted.length - countedLines} />
    </div>
  );
}

function Bar({
  waiting,
  largest,
}: {
  readonly waiting: Readonly<Record<Attribution, number>>;
  readonly largest: number;
}) {
  return (
    <span className="waiting-bar" aria-hidden="true">
      {attributions.map((whose) =>
        waiting[whose] > 0 ? (
          <span key={whose} className={`whose-${whose}`} style={{ width: `${(100 * waiting[whose]) / largest}%` }} />
        ) : null,
      )}
    </span>
  );
}
