import type { Share } from "@mailtide/shared";
import { duration } from "./words.ts";

export interface MatrixProgress {
  /** A run that is being played. */
  at(name: string, stage: string, share: Share): void;
  /** A run is over. `work` as planned. */
  over(name: string, work: number, text: string): void;
  end(): void;
}

const width = 24;

/** Two lines on a terminal, the runs that are being played and the matrix; elsewhere a line a run. */
export function showMatrix(total: { readonly runs: number; readonly work: number }): MatrixProgress {
  const { stderr } = process;
  const startedMs = performance.now();
  const playing = new Map<string, { readonly stage: string; readonly share: Share }>();
  let runs = 0;
  let work = 0;
  let drawn = false;
  const left = () => {
    if (work === 0) return "";
    const seconds = ((performance.now() - startedMs) / 1000) * (total.work / work - 1);
    return `, ${duration(seconds)} left`;
  };
  const clear = () => {
    if (drawn) stderr.write("\u001b[2K\u001b[1A\u001b[2K\r");
    drawn = false;
  };
  const draw = () => {
    if (!stderr.isTTY) return;
    clear();
    const current = [...playing].map(([name, { stage, share }]) => `${name} ${stage} ${percent(share)}`).join("   ");
    stderr.write(`${current.slice(0, (stderr.columns ?? 100) - 1)}\n${bar(work / total.work)} ${matrix()}`);
    drawn = true;
  };
  const matrix = () => `${runs} of ${total.runs} runs${left()}`;
  return {
    at(name, stage, share) {
      playing.set(name, { stage, share });
      draw();
    },
    over(name, itsWork, text) {
      playing.delete(name);
      runs += 1;
      work += itsWork;
      clear();
      stderr.write(`${name}: ${text} (${matrix()})\n`);
      draw();
    },
    end: clear,
  };
}

const percent = (share: Share) => `${Math.floor(Math.min(1, Math.max(0, share)) * 100)} %`;

function bar(share: Share): string {
  const full = Math.round(Math.min(1, share) * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${percent(share)}`;
}
