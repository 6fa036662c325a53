import type { EpochMs, LiveState } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { AtSendersFact } from "../../ui/at-senders.tsx";
import { shortDuration } from "../../ui/duration.ts";
import { DurationFigure } from "../../ui/figures.tsx";
import { useFormats } from "../../ui/formats-context.tsx";
import { Shape } from "../../ui/marks.tsx";
import { expectedWords, recoveryWords } from "../../ui/promises.ts";
import { readFigure, readVerdict } from "../../ui/verdict.ts";

/** How late mail is, what becomes of a mail accepted now, and when it ends. */
export function NowTiles({ state, nowMs }: { readonly state: LiveState; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  const { delay } = state;
  const figure = readFigure(state);
  const { meaning, shape } = readVerdict(state, nowMs);
  const expected = expectedWords(delay, nowMs);
  const recovery = recoveryWords(delay, formats, nowMs);
  const bound = figure.kind === "duration" ? figure.bound : null;
  return (
    <dl className="now-tiles">
      <div className={`is-${meaning}`}>
        <dt>{delay.verdict === "late" ? text.questions.late : text.questions.delay}</dt>
        <dd
          className={`now-figure ${delay.verdict === "late" ? "now-figure-late" : ""}`}
          data-testid="headline"
          data-seconds={delay.headlineSeconds ?? ""}
        >
          {bound !== null && <small data-bound={bound}>{text.figure.bounds[bound]} </small>}
          {figure.kind === "duration" ? <DurationFigure seconds={figure.seconds} /> : figure.words}
          {delay.verdict === "late" && <Shape shape={shape} meaning={meaning} />}
        </dd>
        {(delay.verdict === "estimate" || delay.roundTrip?.isHeadline === true) && figure.caption !== null && (
          <dd>{figure.caption}</dd>
        )}
        <dd className="facts">
          {delay.lateShare !== null && (
            <span>
              {formats.percent(delay.lateShare)} {text.parts.lateShare}
            </span>
          )}
          {delay.typicalSeconds !== null && (
            <span>
              {text.parts.typical} {shortDuration(delay.typicalSeconds)}
            </span>
          )}
          <AtSendersFact atSenders={delay.atSenders} />
        </dd>
      </div>
      <div>
        <dt>{expected.label}</dt>
        <dd className={`now-figure ${expected.seconds === null ? "now-figure-words" : ""}`}>
          {expected.seconds === null ? expected.words : <DurationFigure seconds={expected.seconds} />}
        </dd>
        {expected.range !== null && <dd>{expected.range}</dd>}
      </div>
      {recovery !== null && (
        <div>
          <dt>{recovery.label}</dt>
          <dd className={`now-figure ${/\d/.test(recovery.time) ? "" : "now-figure-words"}`}>{recovery.time}</dd>
          {recovery.range !== null && <dd>{recovery.range}</dd>}
        </div>
      )}
    </dl>
  );
}
