import type { InboundSection, SourceView } from "@mailtide/shared";
import { Spark } from "../../chart/spark.tsx";
import { text } from "../../text/en.ts";
import { useFormats } from "../formats-context.tsx";
import { Name } from "../marks.tsx";

interface SourcesProps {
  readonly inbound: InboundSection;
  /** An attack is open: the numbers that show it take its colour. */
  readonly underAttack: boolean;
  /** Nothing tells of them: none that was seen is not none. */
  readonly isUnseen: boolean;
  readonly most: number;
}

/** Who sends to us now, how many of them are new, and who sends most. */
export function Sources({ inbound, underAttack, isUnseen, most }: SourcesProps) {
  const formats = useFormats();
  const usual =
    inbound.usualSources === null
      ? text.inbound.usualUnknown
      : text.inbound.usual(formats.number(inbound.usualSources));
  if (isUnseen && inbound.distinctSources === 0) {
    return (
      <div className="sources">
        <h2 className="tile-title">{text.inbound.title}</h2>
        <p className="quiet">{text.inbound.unseen}</p>
      </div>
    );
  }
  return (
    <div className={`sources ${underAttack ? "is-attack" : ""}`}>
      <h2 className="tile-title">{text.inbound.title}</h2>
      <p className="sources-count">
        {!inbound.distinctExact && <span className="quiet">{text.figure.bounds["at-least"]}</span>}
        <b data-testid="distinct-sources">{formats.number(inbound.distinctSources)}</b>
        <span className="quiet">{usual}</span>
        <Spark values={inbound.recentSources} />
      </p>
      <p className="facts">
        <span>
          <b className="accent">{formats.number(inbound.newSources)}</b> {text.inbound.newSources}
          {inbound.usualNewSources !== null && <>, {text.inbound.newUsual(formats.number(inbound.usualNewSources))}</>}
        </span>
        {inbound.spoofShare !== null && (
          <span>
            <b className="accent">{formats.percent(inbound.spoofShare)}</b> {text.inbound.spoof}
          </span>
        )}
      </p>
      <p className="facts">
        <span>
          <b>{formats.rate(inbound.messagesPerSecond)}</b> {text.inbound.mails}
        </span>
        <span>
          <b>{formats.rate(inbound.connectionsPerSecond)}</b> {text.inbound.connections}
        </span>
        <span>
          <b>{formats.rate(inbound.rejectsPerSecond)}</b> {text.inbound.refused}
        </span>
      </p>
      <ol className="sources-top" aria-label={text.inbound.top}>
        {inbound.top.slice(0, most).map((source) => (
          <Source key={source.ip} source={source} />
        ))}
      </ol>
    </div>
  );
}

function Source({ source }: { readonly source: SourceView }) {
  const formats = useFormats();
  const [count, word] =
    source.spoofed > 0
      ? [source.spoofed, text.inbound.spoofed]
      : source.authFailures > source.messages
        ? [source.authFailures, text.inbound.authFailures]
        : source.rejects > source.messages
          ? [source.rejects, text.inbound.refused]
          : [source.messages, text.inbound.mails];
  return (
    <li>
      <Name>{source.ip}</Name>
      <b className="tabular">{formats.number(count)}</b>
      <span className="quiet">{word}</span>
    </li>
  );
}
