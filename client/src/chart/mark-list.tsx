import { text } from "../text/en.ts";
import type { MarkLabel } from "./marks.ts";

const most = 6;

/** What the numbers in a narrow drawing stand for, oldest first; of many the earlier ones when they are asked for. */
export function MarkList({ labels }: { readonly labels: readonly MarkLabel[] }) {
  const earlier = labels.slice(0, -most);
  return (
    <div className="trend-list">
      {earlier.length > 0 && (
        <details>
          <summary>{text.trend.earlier(earlier.length)}</summary>
          <Marks labels={earlier} first={1} />
        </details>
      )}
      <Marks labels={labels.slice(-most)} first={earlier.length + 1} />
    </div>
  );
}

function Marks({ labels, first }: { readonly labels: readonly MarkLabel[]; readonly first: number }) {
  return (
    <ol start={first}>
      {labels.map(({ kind, words, time }, index) => (
        <li key={first + index} className={`trend-words-${kind}`}>
          <time>{time}</time> <bdi>{words}</bdi>
        </li>
      ))}
    </ol>
  );
}
