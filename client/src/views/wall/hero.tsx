import type { DelaySection, EpochMs, QueueSection } from "@mailtide/shared";
import { directions } from "@mailtide/shared";
import { useClock, useLive } from "../../live/hooks.ts";
import type { Silence, Staleness } from "../../live/model.ts";
import { text } from "../../text/en.ts";
import { AtSendersFact } from "../../ui/at-senders.tsx";
import { duration, shortDuration } from "../../ui/duration.ts";
import { DurationFigure } from "../../ui/figures.tsx";
import { useFormats } from "../../ui/formats-context.tsx";
import { Shape } from "../../ui/marks.tsx";
import { isOpen, readFigure, readVerdict } from "../../ui/verdict.ts";
import type { Figure } from "../../ui/verdict.ts";
import { expectedWords, recoveryWords } from "../../ui/promises.ts";
import { silentWords, staleWords } from "../../ui/stale-words.ts";

/** One sentence, then the number, then when it ends. */
export function Hero() {
  const state = useLive((view) => view.received?.state ?? null);
  const { stale, silence, siteNowMs } = useClock();
  if (state === null || siteNowMs === null) return null;
  if (stale !== null) return <StaleHero stale={stale} delay={state.delay} nowMs={siteNowMs} />;
  const verdict = readVerdict(state, siteNowMs);
  const figure = readFigure(state);
  return (
    <section className="hero">
      <h1
        className={`hero-verdict is-${verdict.meaning}`}
        data-testid="verdict"
        data-verdict={state.delay.verdict}
        data-meaning={verdict.meaning}
        aria-live="polite"
      >
        <Shape shape={verdict.shape} meaning={verdict.meaning} />
        {verdict.words}
      </h1>
      {silence !== null && <SilentHosts silence={silence} nowMs={siteNowMs} />}
      <div className="hero-row">
        <BigFigure figure={figure} rawSeconds={state.delay.headlineSeconds} />
        <Promises delay={state.delay} nowMs={siteNowMs} />
      </div>
      <Parts
        delay={state.delay}
        queues={state.queues}
        caption={figure.caption}
        withDirections={state.incidents.incidents.some(isOpen)}
      />
    </section>
  );
}

/** Others still speak: their story stays on the screen. */
function SilentHosts({ silence, nowMs }: { readonly silence: Silence; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  return (
    <p className="hero-silent is-unknown" data-testid="silent" data-count={silence.collectors.length}>
      <Shape shape="unknown" meaning="unknown" />
      <bdi>{silentWords(silence, formats, nowMs)}</bdi>
    </p>
  );
}

function BigFigure({ figure, rawSeconds }: { readonly figure: Figure; readonly rawSeconds: number | null }) {
  const bound = figure.kind === "duration" ? figure.bound : null;
  return (
    <p
      className={`hero-figure ${figure.kind === "words" ? "hero-figure-words" : ""}`}
      data-testid="headline"
      data-seconds={rawSeconds ?? ""}
      title={figure.caption ?? ""}
    >
      {bound !== null && (
        <span className="hero-bound" data-bound={bound}>
          {text.figure.bounds[bound]}
        </span>
      )}
      {figure.kind === "duration" ? <DurationFigure seconds={figure.seconds} /> : figure.words}
    </p>
  );
}

function Promises({ delay, nowMs }: { readonly delay: DelaySection; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  const recovery = recoveryWords(delay, formats, nowMs);
  const expected = expectedWords(delay, nowMs);
  return (
    <dl className="promises">
      {recovery !== null && (
        <div data-testid="recovery">
          <dt>{recovery.label}</dt>
          <dd className="promise-time">{recovery.time}</dd>
          {recovery.range !== null && <dd>{recovery.range}</dd>}
        </div>
      )}
      {delay.verdict !== "no-traffic" && (
        <div data-testid="expected">
          <dt>{expected.label}</dt>
          <dd className="promise-time">
            {expected.seconds === null ? expected.words : <DurationFigure seconds={expected.seconds} />}
          </dd>
          {expected.range !== null && <dd>{expected.range}</dd>}
        </div>
      )}
    </dl>
  );
}

interface PartsProps {
  readonly delay: DelaySection;
  readonly queues: QueueSection;
  readonly caption: string | null;
  /** Where no incident takes the room beside, the directions stand there. */
  readonly withDirections: boolean;
}

/** The headline's other two parts, what is stuck, and each direction's own headline. */
function Parts({ delay, queues, caption, withDirections }: PartsProps) {
  const formats = useFormats();
  const at = delay.verdict === "late" ? (queues.hosts?.mostAt ?? null) : null;
  const each = directions.flatMap((direction) => {
    const seconds = delay.directions[direction]?.headlineSeconds ?? null;
    return seconds === null ? [] : [{ direction, seconds }];
  });
  return (
    <>
      <p className="hero-parts facts">
        {delay.lateShare !== null && (
          <span data-testid="late-share" data-share={delay.lateShare}>
            <b>{formats.percent(delay.lateShare)}</b> {text.parts.lateShare}
          </span>
        )}
        {delay.typicalSeconds !== null && (
          <span data-testid="typical" data-seconds={delay.typicalSeconds}>
            {text.parts.typical} <b>{shortDuration(delay.typicalSeconds)}</b>
          </span>
        )}
        <span data-testid="stuck" data-count={delay.stuck.count}>
          {delay.stuck.count === 0 && delay.estimate?.isAll !== true && text.parts.stuckNone}
          {delay.stuck.count > 0 && (
            <>
              <b>{formats.number(delay.stuck.count)}</b> {text.parts.stuck} {duration(delay.stuck.oldestSeconds ?? 0)}
            </>
          )}
        </span>
        <AtSendersFact atSenders={delay.atSenders} />
      </p>
      <p className="hero-directions facts">
        {caption !== null && <span>{caption}</span>}
        {withDirections &&
          each.length > 1 &&
          each.map(({ direction, seconds }) => (
            <span key={direction} data-testid={`direction-${direction}`} data-seconds={seconds}>
              {text.directions[direction]} <b>{shortDuration(seconds)}</b>
            </span>
          ))}
        {at !== null && (
          <span data-testid="waits-at" data-node={at.node}>
            {text.hosts.waitsAt(formats.percent(at.share))}{" "}
            <b>
              <bdi>{at.node}</bdi>
            </b>
          </span>
        )}
      </p>
    </>
  );
}

function StaleHero({
  stale,
  delay,
  nowMs,
}: {
  readonly stale: Staleness;
  readonly delay: DelaySection;
  readonly nowMs: EpochMs;
}) {
  const formats = useFormats();
  const words = staleWords(stale, formats, nowMs);
  return (
    <section className="hero hero-stale" role="alert">
      <p className="hero-figure hero-figure-words" data-testid="headline" data-stale="true">
        {words.headline}
      </p>
      <h1 className="hero-verdict is-unknown" data-testid="verdict" data-verdict="stale">
        <Shape shape="unknown" meaning="unknown" />
        <span>{words.what}</span>
      </h1>
      {words.problem !== null && (
        <p className="hero-problem">
          <bdi>{words.problem}</bdi>
        </p>
      )}
      <p className="hero-parts">
        {text.freshness.unseen} {text.parts.lastKnown}{" "}
        <b>{delay.headlineSeconds === null ? text.figure.unknown : shortDuration(delay.headlineSeconds)}</b>
      </p>
    </section>
  );
}
