import { useSection } from "../live/hooks.ts";
import { text } from "../text/en.ts";
import type { Meaning } from "./meaning.ts";
import type { Verdict } from "./verdict.ts";

const shapes: Readonly<Record<Verdict["shape"], string>> = {
  calm: "M12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16z",
  rising: "M12 3L22 21H2z",
  steady: "M4 4h16v16H4z",
  falling: "M12 21L2 3h20z",
  unknown: "M12 2l10 10l-10 10L2 12z",
};

/** The verdict's shape: round calm, triangle up rising, down falling, square steady, diamond unknown. */
export function Shape({ shape, meaning }: { readonly shape: Verdict["shape"]; readonly meaning: Meaning }) {
  return (
    <svg className={`shape is-${meaning}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={shapes[shape]} />
    </svg>
  );
}

/** Nobody may take a replay for the real thing: shown on every screen unless it is live. */
export function ModeLabel() {
  const meta = useSection("meta");
  const play = useSection("transport")?.play;
  const isSimulation = useSection("recording")?.simulated ?? false;
  if (meta === null || meta.mode === "live") return null;
  const { mode, speed, fastForwardToMs } = meta;
  const factor = Number.isInteger(speed) ? String(speed) : speed.toFixed(1);
  const isStill = play !== undefined && play !== "playing";
  const showsSpeed = !isStill && speed !== 1 && fastForwardToMs === undefined;
  return (
    <span
      className={`mode-label ${isStill ? "mode-label-still" : ""}`}
      data-testid="mode-label"
      data-mode={mode}
      data-play={play}
    >
      {text.mode[mode]}
      {isStill && ` ${text.replay.states[play]}`}
      {isSimulation && <small> {text.replay.ofSimulation}</small>}
      {showsSpeed && (
        <small title={text.speed(factor)}>
          {isSimulation && ","} {factor} ×
        </small>
      )}
    </span>
  );
}

/** A name from a log or a configuration: isolated, clipped, whole in its title. */
export function Name({ children, className }: { readonly children: string; readonly className?: string }) {
  return (
    <bdi className={`clip ${className ?? ""}`} title={children}>
      {children}
    </bdi>
  );
}
