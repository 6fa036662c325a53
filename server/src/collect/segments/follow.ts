import { stat } from "node:fs/promises";
import type { LineWay } from "../lines/line-way.ts";
import { fileSource, followGrowing, type FollowOptions } from "../tail/follow.ts";
import { parseFolderPosition } from "./position.ts";
import { SegmentSource } from "./source.ts";

/** Follows a folder of zstd segments, or, where the path is none, a file of lines. */
export function followSegments(options: FollowOptions): LineWay {
  const { path, from, lookbackBytes } = options;
  return followGrowing(options, async (position) => {
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory() !== true) return fileSource(options, position);
    return new SegmentSource({
      folder: path,
      position: parseFolderPosition(position),
      ...(from !== undefined && { from }),
      ...(lookbackBytes !== undefined && { lookbackBytes }),
    });
  });
}
