import { type LinesRead, type LineWay, pause } from "../lines/line-way.ts";
import { parsePosition } from "./position.ts";
import { readProblem } from "./problem.ts";
import type { LogPlace } from "./rotated.ts";
import { joined, LineSource } from "./source.ts";

export interface FollowOptions extends LogPlace {
  readonly from?: "end" | "start";
  readonly lookbackBytes?: number;
  readonly chunkBytes?: number;
  /** How often to look at the end of the file. Default 200 ms. */
  readonly pollMs?: number;
}

/** What is read a piece at a time; `read` throws what opening throws. */
export interface GrowingSource {
  read(): Promise<LinesRead & { readonly atEnd: boolean; readonly problem?: string | null }>;
  close(): Promise<void>;
}

/**
 * Follows a log file. Looks by itself instead of waiting for file notifications, which network and container file systems
 * do not give.
 */
export function followFile(options: FollowOptions): LineWay {
  return followGrowing(options, (position) => Promise.resolve(fileSource(options, position)));
}

export function fileSource(options: FollowOptions, position: unknown): GrowingSource {
  const { path, olddir, from, lookbackBytes, chunkBytes } = options;
  return new LineSource({
    path,
    olddir,
    position: parsePosition(position),
    ...(from !== undefined && { from }),
    ...(lookbackBytes !== undefined && { lookbackBytes }),
    ...(chunkBytes !== undefined && { chunkBytes }),
  });
}

/** The same for what `begin` makes of the path and of the position of an earlier run. */
export function followGrowing(
  { path, pollMs = 200 }: FollowOptions,
  begin: (position: unknown) => Promise<GrowingSource>,
): LineWay {
  return {
    async run(hand, context, ended) {
      let source: GrowingSource | null = null;
      let isNew = true;
      let wholeUntilMs: number | null = null;
      /** Told with the lines behind it, which say how far it reaches. */
      let held: Loss | null = null;
      try {
        while (!ended.aborted) {
          let wait = true;
          try {
            source ??= await begin(context.position);
            const { lines, loss: found = null, position, atEnd, problem = null } = await source.read();
            if (found !== null) held = lossOf(held, found, wholeUntilMs);
            // The first position is kept even without a line: else a restart would look back again.
            if (lines.length > 0 || (held === null ? isNew : atEnd)) {
              await hand({ lines, loss: held, position });
              held = null;
              isNew = false;
            }
            if (atEnd) wholeUntilMs = context.now();
            if (problem !== null) context.health("failing", problem);
            else if (atEnd) context.health("ok", null);
            wait = atEnd;
          } catch (error) {
            context.health("failing", readProblem(path, error));
            // Something else stands there than was thought.
            if ((error as NodeJS.ErrnoException).code === "EISDIR") source = await closed(source);
          }
          await (wait ? pause(pollMs, ended) : turn());
        }
      } finally {
        await source?.close();
      }
    },
  };
}

type Loss = NonNullable<LinesRead["loss"]>;

function lossOf(held: Loss | null, found: Loss, wholeUntilMs: number | null): Loss {
  if (held !== null) return joined(held, found);
  return wholeUntilMs === null ? found : { ...found, wholeUntilMs };
}

async function closed(source: GrowingSource | null): Promise<null> {
  await source?.close();
  return null;
}

/** Lets everything else run between two chunks. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
