import type { EpochMs, ReplayMark } from "@mailtide/shared";
import type { CSSProperties } from "react";
import { text } from "../../text/en.ts";
import type { Formats } from "../format.ts";
import { sentenceWords } from "../sentence.tsx";
import { MarkShape } from "./signs.tsx";
import { keyTarget, shareOf, within } from "./timeline.ts";
import type { Span } from "./timeline.ts";
import "./timeline.css";

interface TimelineSliderProps {
  readonly span: Span;
  readonly positionMs: EpochMs;
  readonly valueText: string;
  readonly marks: readonly ReplayMark[];
  readonly mayMove: boolean;
  readonly formats: Formats;
  readonly onSeek: (atMs: EpochMs) => void;
}

/** The whole recording: what is computed, what is not yet, what happened when, and where we are. */
export function TimelineSlider({ span, positionMs, valueText, marks, mayMove, formats, onSeek }: TimelineSliderProps) {
  const place = (atMs: EpochMs): CSSProperties => ({ "--share": shareOf(atMs, span) }) as CSSProperties;
  return (
    <div className="timeline">
      <div className="timeline-track" aria-hidden="true">
        <span className="timeline-computed" style={place(span.computedToMs)} />
        <span className="timeline-played" style={place(positionMs)} />
      </div>
      <input
        type="range"
        className="timeline-input"
        data-testid="replay-slider"
        aria-label={text.replay.slider}
        aria-valuetext={valueText}
        min={span.fromMs}
        max={span.toMs}
        step={1000}
        value={positionMs}
        disabled={!mayMove}
        onChange={(event) => onSeek(within(event.target.valueAsNumber, span))}
        onKeyDown={(event) => {
          const targetMs = keyTarget(event.key, positionMs, span);
          if (targetMs === null) return;
          event.preventDefault();
          onSeek(targetMs);
        }}
      />
      <div className="timeline-marks" data-testid="replay-marks">
        {marks.map(({ atMs, kind, label }, index) => {
          const words = text.replay.mark(sentenceWords(label, formats, atMs), formats.time(atMs));
          return (
            <span
              key={`${kind}${atMs}${index}`}
              className="timeline-mark"
              style={place(atMs)}
              title={words}
              data-kind={kind}
            >
              <MarkShape kind={kind} />
            </span>
          );
        })}
      </div>
    </div>
  );
}
