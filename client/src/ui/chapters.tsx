import type { EpochMs, NodeId } from "@mailtide/shared";
import { Link } from "wouter";
import { text } from "../text/en.ts";
import { useFormats } from "./formats-context.tsx";
import { Name } from "./marks.tsx";
import { meaningOfCause } from "./meaning.ts";
import { begun, SentenceText } from "./sentence.tsx";
import type { Chapter, Story } from "./story.ts";

/** Where a host is told in full; null on a screen that nobody can touch, which has no links at all. */
type HrefOf = ((node: NodeId) => string) | null;

/** The incident told in order; each chapter a coloured bar, a title, its time, and two or three lines. */
export function Chapters({
  story,
  nowMs,
  hrefOf,
}: {
  readonly story: Story;
  readonly nowMs: EpochMs;
  readonly hrefOf: HrefOf;
}) {
  return (
    <ol className="chapters">
      {story.chapters.map((chapter, index) => (
        <ChapterItem
          key={chapter.kind === "alert" ? chapter.alert.key : `change-${chapter.atMs}-${index}`}
          chapter={chapter}
          nowMs={nowMs}
          hrefOf={hrefOf}
        />
      ))}
    </ol>
  );
}

function ChapterItem({
  chapter,
  nowMs,
  hrefOf,
}: {
  readonly chapter: Chapter;
  readonly nowMs: EpochMs;
  readonly hrefOf: HrefOf;
}) {
  const formats = useFormats();
  if (chapter.kind === "change") {
    return (
      <li className="chapter chapter-change is-information">
        <p className="chapter-head">
          <b className="chapter-title">
            <bdi>{chapter.change.title}</bdi>
          </b>
          <span className="chapter-time">
            {text.incident.change} {formats.timeNear(chapter.atMs, nowMs)}
          </span>
        </p>
        {hrefOf !== null && chapter.change.link !== null && isWebLink(chapter.change.link) && (
          <p className="chapter-text">
            <a href={chapter.change.link} rel="noreferrer noopener" target="_blank">
              {text.incident.link}
            </a>
          </p>
        )}
      </li>
    );
  }
  const { alert } = chapter;
  const over = alert.state === "resolved" && alert.resolvedAtMs !== null;
  return (
    <li className={`chapter is-${meaningOfCause(alert.cause)} ${over ? "chapter-over" : ""}`} data-alert={alert.key}>
      <p className="chapter-head">
        <b className="chapter-title">
          <SentenceText sentence={alert.title} nowMs={nowMs} />
        </b>
        {alert.node !== null && <Node node={alert.node} hrefOf={hrefOf} />}
        <span className="chapter-time">
          {formats.timeNear(alert.startedAtMs, nowMs)}
          {over && alert.resolvedAtMs !== null && `–${formats.timeNear(alert.resolvedAtMs, nowMs)}`}
        </span>
      </p>
      <p className="chapter-text">
        {alert.evidence.map((sentence, index) => (
          <span key={`${sentence.id}-${index}`}>
            <SentenceText sentence={begun(sentence)} nowMs={nowMs} />{" "}
          </span>
        ))}
      </p>
    </li>
  );
}

function Node({ node, hrefOf }: { readonly node: NodeId; readonly hrefOf: HrefOf }) {
  if (hrefOf === null) return <Name className="chapter-node">{node}</Name>;
  return (
    <Link href={hrefOf(node)} className="chapter-node">
      <Name>{node}</Name>
    </Link>
  );
}

/** A link comes from a deploy pipeline: anything but a web address is shown nowhere. */
const isWebLink = (link: string): boolean => /^https?:\/\//i.test(link);
