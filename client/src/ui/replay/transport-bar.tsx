import { replaySpeeds } from "@mailtide/shared";
import type { RecordingSection, ReplayMark, TransportCommand, TransportSection } from "@mailtide/shared";
import { useEffect, useMemo, useRef, useState } from "react";
import { useActions, useLive, useSection } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { Button } from "../controls.tsx";
import { duration } from "../duration.ts";
import { createFormats } from "../format.ts";
import type { Formats } from "../format.ts";
import { sentenceWords } from "../sentence.tsx";
import { Sign } from "./signs.tsx";
import { neighbours } from "./timeline.ts";
import { TimelineSlider } from "./timeline-slider.tsx";
import { useSeek } from "./use-seek.ts";
import "./replay.css";

/** Moves a recording for every screen that shows it; absent where nothing is replayed. */
export function TransportBar() {
  const recording = useSection("recording") ?? null;
  const transport = useSection("transport") ?? null;
  const locale = useLive((view) => view.received?.state.meta.site.locale ?? "en-GB");
  const zone = useLive((view) => view.received?.state.meta.site.timezone ?? "UTC");
  const formats = useMemo(() => createFormats(locale, zone), [locale, zone]);
  if (recording === null || transport === null) return null;
  return <Bar recording={recording} transport={transport} formats={formats} />;
}

interface BarProps {
  readonly recording: RecordingSection;
  readonly transport: TransportSection;
  /** In the recording's own zone, whoever reads. */
  readonly formats: Formats;
}

function Bar({ recording, transport, formats }: BarProps) {
  const { transport: move } = useActions();
  const mayMove = useLive(
    (view) => view.received?.scopes.some((scope) => scope === "ack" || scope === "admin") ?? false,
  );
  const [refusal, setRefusal] = useState<string | null>(null);
  const ask = (command: TransportCommand) => void move(command).then((ack) => setRefusal(ack.ok ? null : ack.error));
  const [positionMs, seek] = useSeek(transport.positionMs, (atMs) => ask({ action: "seek", atMs }));

  const { computedToMs, play, speed } = transport;
  const span = { fromMs: recording.fromMs, toMs: recording.toMs ?? computedToMs, computedToMs };
  const factor = play === "playing" && speed !== "max" ? speed : 1;
  const { previous, next } = neighbours(recording.marks, positionMs, factor, span);
  const isRunning = play === "playing" || play === "waiting";
  const togglePlay = () => ask({ action: isRunning ? "pause" : "play" });
  useSpace(mayMove ? togglePlay : null);

  const clock = `${formats.date(positionMs)} ${formats.clock(positionMs)}`;
  const zone = formats.zoneName(positionMs);
  const nameOf = (mark: ReplayMark | null) =>
    mark === null
      ? null
      : text.replay.mark(sentenceWords(mark.label, formats, mark.atMs), formats.timeNear(mark.atMs, positionMs));
  const playWords = isRunning ? text.replay.pause : play === "ended" ? text.replay.again : text.replay.play;
  return (
    <section className="transport" aria-label={text.replay.label} data-testid="transport" data-play={play}>
      <TimelineSlider
        span={span}
        positionMs={positionMs}
        valueText={text.replay.valueText(clock, zone, text.replay.stateWords[play])}
        marks={recording.marks}
        mayMove={mayMove}
        formats={formats}
        onSeek={seek}
      />
      <div className="transport-buttons">
        <Button label={playWords} testId="replay-play" isDisabled={!mayMove} onPress={togglePlay}>
          <Sign name={isRunning ? "pause" : play === "ended" ? "again" : "play"} />
        </Button>
        <Button
          label={text.replay.previous(nameOf(previous))}
          testId="replay-previous"
          isDisabled={!mayMove || previous === null}
          onPress={() => previous !== null && seek(previous.atMs)}
        >
          <Sign name="previous" />
        </Button>
        <Button
          label={text.replay.next(nameOf(next))}
          testId="replay-next"
          isDisabled={!mayMove || next === null}
          onPress={() => next !== null && seek(next.atMs)}
        >
          <Sign name="next" />
        </Button>
      </div>
      <p className="transport-now">
        <span className="transport-date">{formats.date(positionMs)} </span>
        <time data-testid="replay-time">{formats.clock(positionMs)}</time>{" "}
        <span className="quiet" title={formats.timeZone}>
          {zone}
        </span>
      </p>
      <label className="transport-speed">
        <span className="only-read-aloud">{text.replay.speed}</span>
        <select
          value={String(speed)}
          disabled={!mayMove}
          data-testid="replay-speed"
          onChange={({ target }) =>
            ask({ action: "speed", speed: target.value === "max" ? "max" : Number(target.value) })
          }
        >
          {offered(speed).map((one) => (
            <option key={one} value={String(one)}>
              {text.replay.factor(one)}
            </option>
          ))}
        </select>
      </label>
      <Note {...{ recording, transport, formats }} reason={mayMove ? refusal : text.replay.mayNotMove} />
    </section>
  );
}

/** What is not as one would expect, in words; nothing when all is. */
function Note({ recording, transport, formats, reason }: BarProps & { readonly reason: string | null }) {
  const { computing, computedToMs, problem, stepSeconds } = transport;
  const time = formats.timeNear(computedToMs, transport.positionMs);
  return (
    <p className="transport-note facts" data-testid="replay-note">
      {computing === "running" && <span>{text.replay.computedTo(time)}</span>}
      {computing === "stopped" && (
        <span className="transport-problem">
          {text.replay.stoppedAt(time)} <bdi>{problem}</bdi>
        </span>
      )}
      {stepSeconds > 1 && <span>{text.replay.step(duration(stepSeconds))}</span>}
      {recording.marksLeftOut > 0 && <span>{text.replay.marksLeftOut(recording.marksLeftOut)}</span>}
      {reason !== null && <span role="status">{reason}</span>}
    </p>
  );
}

/** The usual speeds, and the one that was started with. */
function offered(speed: TransportSection["speed"]): readonly TransportSection["speed"][] {
  return replaySpeeds.some((one) => one === speed) ? replaySpeeds : [speed, ...replaySpeeds];
}

/** Space plays and pauses wherever it would do nothing else. */
function useSpace(toggle: (() => void) | null): void {
  const latest = useRef(toggle);
  useEffect(() => {
    latest.current = toggle;
  }, [toggle]);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key !== " " || event.repeat || event.defaultPrevented || latest.current === null) return;
      const own = event.target instanceof Element && event.target.closest("button, select, textarea, a, [role=dialog]");
      const isTyping = event.target instanceof HTMLInputElement && event.target.type !== "range";
      if (own !== false && own !== null) return;
      if (isTyping) return;
      event.preventDefault();
      latest.current();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
