import { type FilePosition, parsePosition } from "../src/collect/tail/position.ts";
import type { FileLoss, LineSource } from "../src/collect/tail/source.ts";

export interface Drained {
  readonly lines: string[];
  readonly losses: FileLoss["because"][];
  /** As it comes back from the state store. */
  readonly position: FilePosition | undefined;
}

/** Reads until nothing more comes, or so many times. */
export async function drain(source: LineSource, most = Number.POSITIVE_INFINITY): Promise<Drained> {
  const lines: string[] = [];
  const losses: FileLoss["because"][] = [];
  for (let reads = 1; ; reads++) {
    const read = await source.read();
    lines.push(...read.lines.map(({ bytes }) => bytes.toString()));
    if (read.loss !== null) losses.push(read.loss.because);
    if (read.atEnd || reads >= most) return { lines, losses, position: kept(read.position) };
  }
}

const kept = (position: FilePosition): FilePosition | undefined => parsePosition(JSON.parse(JSON.stringify(position)));
