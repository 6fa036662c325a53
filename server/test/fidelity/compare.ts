import { shapeOf } from "./shape.ts";

/** Lines by daemon and shape. */
export type ShapeCounts = ReadonlyMap<string, number>;

export function countShapes(lines: readonly string[]): ShapeCounts {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const shape = shapeOf(line);
    if (shape === null) continue;
    const key = `${shape.process}: ${shape.text}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** One attempt to hand a message to somebody. */
export interface Attempt {
  readonly atMs: number;
  readonly delaySeconds: number;
  readonly stagesSeconds: readonly number[];
  readonly status: string;
}

/** The attempts for every queue file and recipient, in order. */
export function attemptsOf(lines: readonly string[]): ReadonlyMap<string, readonly Attempt[]> {
  const attempts = new Map<string, Attempt[]>();
  for (const line of lines) {
    const match =
      /(\d\d:\d\d:\d\d) \S+ postfix\/(?:smtp|error)\[\d+\]: (\w+): to=<([^>]*)>.* delay=([\d.]+), delays=([\d./]+), .*status=(\w+)/.exec(
        line,
      );
    if (match === null) continue;
    const [, clock, id, to, delay, stages, status] = match;
    const key = `${id} ${to}`;
    const list = attempts.get(key) ?? [];
    list.push({
      atMs: Date.parse(`2016-05-11T${clock}Z`),
      delaySeconds: Number(delay),
      stagesSeconds: (stages ?? "").split("/").map(Number),
      status: status ?? "",
    });
    attempts.set(key, list);
  }
  return attempts;
}

/** Seconds between one attempt and the next. */
export function gapsSeconds(attempts: ReadonlyMap<string, readonly Attempt[]>): number[] {
  const dayMs = 86_400_000;
  return [...attempts.values()].flatMap((list) =>
    // A log that runs past midnight has no date here.
    list.slice(1).map(({ atMs }, place) => ((atMs - (list[place]?.atMs ?? 0) + dayMs) % dayMs) / 1000),
  );
}
