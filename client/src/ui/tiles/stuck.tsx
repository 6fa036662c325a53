import type { DelaySection } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { duration } from "../duration.ts";
import { useFormats } from "../formats-context.tsx";
import { Name } from "../marks.tsx";

/** Where single mails are stuck, most first. */
export function Stuck({ stuck }: { readonly stuck: DelaySection["stuck"] }) {
  const formats = useFormats();
  if (stuck.count === 0) return null;
  return (
    <div className="stuck">
      <h2 className="tile-title">{text.stuck.title}</h2>
      <ul>
        {stuck.where.map(({ node, destination, count, oldestSeconds }) => (
          <li key={`${node} ${destination}`}>
            <Name>{text.stuck.to(node, destination)}</Name>
            <b className="tabular">{formats.number(count)}</b>
            <span className="quiet">{text.queues.oldest(duration(oldestSeconds))}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
