import type { EpochMs, Share } from "@mailtide/shared";

export interface Loss {
  readonly lines: number;
  readonly lostLines: number;
  readonly lostShare: Share;
}

/** Lines read and lines lost over the last hour, by minute. */
export class LossMeter {
  #minutes: { readonly minute: number; lines: number; lost: number }[] = [];

  add(atMs: EpochMs, lines: number, lost: number): void {
    if (lines === 0 && lost === 0) return;
    const last = this.#minutes.at(-1);
    const minute = Math.max(Math.floor(atMs / 60_000), last?.minute ?? -Infinity);
    if (last?.minute === minute) {
      last.lines += lines;
      last.lost += lost;
      return;
    }
    this.#minutes.push({ minute, lines, lost });
    if (this.#minutes.length > 61) this.#minutes.shift();
  }

  /** A clock was set back: what was counted of later minutes was lately all the same. */
  goBack(nowMs: EpochMs): void {
    const now = Math.floor(nowMs / 60_000);
    const later = this.#minutes.filter(({ minute }) => minute > now);
    this.#minutes = this.#minutes.filter(({ minute }) => minute <= now);
    for (const { lines, lost } of later) this.add(nowMs, lines, lost);
  }

  over(nowMs: EpochMs): Loss {
    const from = Math.floor(nowMs / 60_000) - 60;
    let lines = 0;
    let lostLines = 0;
    for (const minute of this.#minutes) {
      if (minute.minute <= from) continue;
      lines += minute.lines;
      lostLines += minute.lost;
    }
    const all = lines + lostLines;
    return { lines, lostLines, lostShare: all === 0 ? 0 : lostLines / all };
  }

  save(): number[][] {
    return this.#minutes.map(({ minute, lines, lost }) => [minute, lines, lost]);
  }

  restore(saved: readonly (readonly number[])[]): void {
    this.#minutes = saved.map(([minute = 0, lines = 0, lost = 0]) => ({ minute, lines, lost }));
  }
}
