import { type LineWay, pause } from "../lines/line-way.ts";
import { parsePosition } from "./position.ts";
import { readProblem } from "./problem.ts";
import { LineSource } from "./source.ts";

export interface FollowOptions {
  readonly path: string;
  readonly from?: "end" | "start";
  readonly lookbackBytes?: number;
  readonly chunkBytes?: number;
  /** How often to look at the end of the file. Default 200 ms. */
  readonly pollMs?: number;
}

/**
 * Follows a log file. Looks by itself instead of waiting for file notifications, which network and container file systems
 * do not give.
 */
export function followFile(options: FollowOptions): LineWay {
  const { path, from, lookbackBytes, chunkBytes, pollMs = 200 } = options;
  return {
    async run(hand, context, ended) {
      const source = new LineSource({
        path,
        position: parsePosition(context.position),
        ...(from !== undefined && { from }),
        ...(lookbackBytes !== undefined && { lookbackBytes }),
        ...(chunkBytes !== undefined && { chunkBytes }),
      });
      let isNew = true;
      try {
        while (!ended.aborted) {
          let wait = true;
          try {
            const { lines, loss, position, atEnd } = await source.read();
            // The first position is kept even without a line: else a restart would look back again.
            if (lines.length > 0 || loss !== null || isNew) await hand({ lines, loss, position });
            isNew = false;
            if (atEnd) context.health("ok", null);
            wait = atEnd;
          } catch (error) {
            context.health("failing", readProblem(path, error));
          }
          await (wait ? pause(pollMs, ended) : turn());
        }
      } finally {
        await source.close();
      }
    },
  };
}

/** Lets everything else run between two chunks. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
