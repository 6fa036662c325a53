import type { CountedView } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { duration } from "../duration.ts";
import { useFormats } from "../formats-context.tsx";

/** Who counts queues for us, and what that is worth: all there is of a node without a log, or beside its log. */
export function Counted({ nodes, hidden }: { readonly nodes: readonly CountedView[]; readonly hidden: number }) {
  const formats = useFormats();
  if (nodes.length === 0) return null;
  return (
    <ul className="waiting-counted" data-testid="counted">
      {nodes.map((view) => (
        <li key={`${view.node} ${view.by}`} className={view.isBeside ? "" : "is-unknown"}>
          <bdi>{view.node}</bdi>: <b>{view.isBeside ? text.queues.beside : text.queues.estimate}</b>,{" "}
          {formats.number(view.queues.reduce((sum, { count }) => sum + count, 0))} {text.queues.countedBy(view.by)}
          {view.sureSeconds !== null && <>, {text.queues.sure(duration(view.sureSeconds))}</>}
          {view.arrivedPerSecond !== null && <>, {text.queues.arriving(formats.rate(view.arrivedPerSecond))}</>}
          {view.leftPerSecond !== null && <>, {text.queues.leaving(formats.rate(view.leftPerSecond))}</>}
        </li>
      ))}
      {hidden > 0 && <li className="quiet">{text.queues.moreCounted(hidden)}</li>}
    </ul>
  );
}
