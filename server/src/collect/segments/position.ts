/** Where reading of a folder of segments stands. JSON. */
export interface FolderPosition {
  /** The last segment, by name, that was begun; those before it are read but for the open ones. */
  readonly through: string;
  readonly open: readonly SegmentPosition[];
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
  const { through, open } = value as Record<string, unknown>;
  if (typeof through !== "string" || !Array.isArray(open) || !open.every(isSegmentPosition)) return undefined;
  return { through, open };
}

function isSegmentPosition(value: unknown): value is SegmentPosition {
  if (typeof value !== "object" || value === null) return false;
  const { name, frameAt, skipBytes } = value as Record<string, unknown>;
  return typeof name === "string" && [frameAt, skipBytes].every((part) => Number.isInteger(part) && Number(part) >= 0);
}
