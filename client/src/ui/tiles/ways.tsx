import type { Freshness } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { Name } from "../marks.tsx";

/** Which way a collector took that had a choice, and why not another: a better one may need only a permission. */
export function Ways({ collectors }: Pick<Freshness, "collectors">) {
  const chose = collectors.filter(({ says }) => says !== undefined);
  if (chose.length === 0) return null;
  return (
    <details className="ways">
      <summary className="tile-title">{text.ways.title}</summary>
      <ul>
        {chose.map(({ id, says }) => (
          <li key={id}>
            <Name>{id}</Name>{" "}
            <span>
              <bdi>{says}</bdi>
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
