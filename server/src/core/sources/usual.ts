import type { EpochMs } from "@mailtide/shared";

/**
 * The usual value of each hour of the week (UTC), as an exponentially weighted mean of that hour's own means. An hour
 * moves its usual by a factor of two at most, so that an attack does not become usual. Until an hour of the week has
 * been lived through, the same hour of the other days stands in; null before a day of history.
 */
export class HourOfWeek {
  #slots: (number | null)[] = Array.from({ length: 168 }, () => null);
  #sinceMs: EpochMs | null = null;
  #hour = -Infinity;
  #sum = 0;
  #times = 0;

  /** A value of now; to be given at even intervals. */
  add(value: number, atMs: EpochMs): void {
    this.#sinceMs ??= atMs;
    const hour = Math.floor(atMs / hourMs);
    if (hour > this.#hour) {
      this.#close();
      this.#hour = hour;
    }
    this.#sum += value;
    this.#times += 1;
  }

  usual(nowMs: EpochMs): number | null {
    if (this.#sinceMs === null || nowMs - this.#sinceMs < 24 * hourMs) return null;
    const hour = Math.floor(nowMs / hourMs);
    const own = this.#slots[hour % 168] ?? null;
    if (own !== null) return own;
    const others = Array.from({ length: 7 }, (_, day) => this.#slots[(hour + 24 * day) % 168] ?? null).filter(
      (slot) => slot !== null,
    );
    return others.length === 0 ? null : others.reduce((sum, slot) => sum + slot, 0) / others.length;
  }

  save(): unknown {
    const hour = Number.isFinite(this.#hour) ? this.#hour : null;
    return { slots: this.#slots, sinceMs: this.#sinceMs, hour, sum: this.#sum, times: this.#times };
  }

  restore(saved: unknown): void {
    const state = saved as {
      slots: (number | null)[];
      sinceMs: EpochMs | null;
      hour: number | null;
      sum: number;
      times: number;
    };
    this.#slots = [...state.slots];
    this.#sinceMs = state.sinceMs;
    this.#hour = state.hour ?? -Infinity;
    this.#sum = state.sum;
    this.#times = state.times;
  }

  #close(): void {
    if (this.#times === 0) return;
    const mean = this.#sum / this.#times;
    const slot = ((this.#hour % 168) + 168) % 168;
    const before = this.#slots[slot] ?? null;
    const bounded = before === null ? mean : Math.min(Math.max(mean, before / 2), Math.max(1, before * 2));
    this.#slots[slot] = before === null ? bounded : before + weight * (bounded - before);
    this.#sum = this.#times = 0;
  }
}

const weight = 0.3;
const hourMs = 3_600_000;
