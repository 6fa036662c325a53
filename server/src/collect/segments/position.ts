/** Where reading of a folder of segments stands. JSON. */
export interface FolderPosition {
  /** The highest name of a segment that was begun or passed over. */
  readonly through: string;
  /** Which were begun or passed over. Not there in positions of earlier versions: all up to `through`. */
  readonly passed?: Passed;
  readonly open: readonly SegmentPosition[];
}

export interface Passed {
  /** The marks of the last, each of six characters. */
  readonly last: string;
  /** Those before the last have names up to this. */
  readonly since: string;
  /** How many of those before the last are there. */
  readonly behind: number;
}

export interface SegmentPosition {
  readonly name: string;
  /** The byte at which the zstd frame begins in which the next line begins. */
  readonly frameAt: number;
  /** How much of that frame, unpacked, is before that line. */
  readonly skipBytes: number;
}

/** A position that was kept as JSON, or undefined when it is none of ours. */
export function parseFolderPosition(value: unknown): FolderPosition | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { through, passed, open } = value as Record<string, unknown>;
  if (typeof through !== "string" || !Array.isArray(open) || !open.every(isSegmentPosition)) return undefined;
  return isPassed(passed) ? { through, passed, open } : { through, open };
}

function isPassed(value: unknown): value is Passed {
  if (typeof value !== "object" || value === null) return false;
  const { last, since, behind } = value as Record<string, unknown>;
  return typeof last === "string" && typeof since === "string" && Number.isInteger(behind);
}

function isSegmentPosition(value: unknown): value is SegmentPosition {
  if (typeof value !== "object" || value === null) return false;
  const { name, frameAt, skipBytes } = value as Record<string, unknown>;
  return typeof name === "string" && [frameAt, skipBytes].every((part) => Number.isInteger(part) && Number(part) >= 0);
}
