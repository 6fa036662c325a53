import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileLoss, SourceLine } from "../tail/source.ts";
import { ZstdProblem } from "../../unpack/zstd-frames.ts";
import { PassedSegments } from "./passed.ts";
import type { FolderPosition, SegmentPosition } from "./position.ts";
import { Segment } from "./segment.ts";

export interface SegmentSourceOptions {
  readonly folder: string;
  /** Where an earlier run stood; undefined at the first start. */
  readonly position?: FolderPosition | undefined;
  /** Where to begin at the first start: `lookbackBytes` of packed files before the end, or at the start. Default "end". */
  readonly from?: "end" | "start";
  /** Default 8 MiB. */
  readonly lookbackBytes?: number;
}

export interface FolderRead {
  readonly lines: readonly SourceLine[];
  readonly position: FolderPosition;
  /** It stands before the lines; `lines` of it are what is known to be gone: segments, or the ends of some. */
  readonly loss: FileLoss | null;
  /** In words, what could not be read and was left behind. */
  readonly problem: string | null;
  readonly atEnd: boolean;
}

/**
 * Reads the lines of a folder of log segments, each zstd and named by when it was begun (`20261123-210500.123456`, and a
 * suffix where one writer has several kinds): each line once, from the exact line of a position, while the segments grow. A
 * segment is at its end when its writer has taken the right to write away from it, which is how KumoMTA says so. Holds no
 * clock: the caller decides when to look. `read` throws what opening throws (ENOENT, EACCES).
 */
export class SegmentSource {
  readonly #options: SegmentSourceOptions;
  readonly #folder: string;
  /** Begun and not at their end, oldest first. */
  readonly #open = new Map<string, Segment>();
  readonly #passed: PassedSegments;
  #through: string;
  #hasBegun = false;

  constructor(options: SegmentSourceOptions) {
    this.#options = options;
    this.#folder = options.folder;
    this.#passed = new PassedSegments(options.position);
    this.#through = options.position?.through ?? "";
  }

  async read(): Promise<FolderRead> {
    if (!this.#hasBegun) {
      const lost = await this.#begin();
      this.#hasBegun = true;
      if (lost > 0) return this.#result([], lossOf("rotated-away", lost));
    }
    for (const segment of this.#open.values()) {
      const read = await this.#readOf(segment);
      if (read !== null) return read;
    }
    return (await this.#turn()) ?? { ...this.#result([]), atEnd: true };
  }

  async close(): Promise<void> {
    for (const segment of this.#open.values()) await segment.close();
    this.#open.clear();
  }

  /** Returns how many segments are gone that were not read to their end, as far as can be told. */
  async #begin(): Promise<number> {
    const names = await this.#names();
    const resume = this.#options.position;
    if (resume === undefined) {
      await this.#beginAnew(names);
      return 0;
    }
    let lost = 0;
    for (const start of resume.open) if (!this.#open.has(start.name) && !(await this.#begun(start))) lost++;
    // Even the newest that was there is gone: there may have been others between it and those that are there now.
    const isNewer = (name: string): boolean => name > resume.through;
    if (lost === 0 && !names.includes(resume.through) && names.some(isNewer)) lost++;
    return lost;
  }

  async #beginAnew(names: readonly string[]): Promise<void> {
    const { from = "end", lookbackBytes = 8 * 1024 * 1024 } = this.#options;
    if (from === "start") return;
    let bytes = 0;
    for (const [index, name] of [...names.entries()].reverse()) {
      bytes += await stat(join(this.#folder, name)).then(
        ({ size }) => size,
        () => 0,
      );
      if (bytes < lookbackBytes) continue;
      for (const earlier of names.slice(0, index)) this.#pass(earlier);
      if (await this.#begun({ name, frameAt: 0, skipBytes: 0 }, bytes - lookbackBytes)) this.#pass(name);
      return;
    }
  }

  /** What one segment gives: null when there is nothing for now. */
  async #readOf(segment: Segment): Promise<FolderRead | null> {
    try {
      const { lines, state } = await segment.read();
      // What is lost behind the last lines is told after them.
      if (lines.length > 0 || state === "more") return this.#result(lines);
      return state === "done" ? await this.#end(segment) : null;
    } catch (error) {
      if (!(error instanceof ZstdProblem)) throw error;
      await this.#drop(segment);
      const problem = `${join(this.#folder, segment.name)}: ${error.message}; what follows in it is lost`;
      return this.#result([], lossOf("unreadable"), problem);
    }
  }

  /** Nothing more to read in those that are open: ends those to which nothing will come, and begins the next. */
  async #turn(): Promise<FolderRead | null> {
    const names = await this.#names();
    for (const segment of this.#open.values()) {
      const { name, isWhole, isEmpty } = segment;
      const hasSuccessor = names.some((other) => other > name && kindOf(other) === kindOf(name));
      // It may have grown until the moment at which that was seen. An empty one may yet begin, when a clock was set back.
      if (!names.includes(name) || (isWhole && !isEmpty && hasSuccessor))
        return (await this.#readOf(segment)) ?? (await this.#end(segment));
    }
    const next = this.#passed.nextOf(names);
    const missed = this.#passed.takeMissed();
    if (missed > 0) return this.#result([], lossOf("unreadable", missed), missedProblem(this.#folder, missed));
    if (next === undefined) return null;
    const [oldest] = this.#open.values();
    if (oldest !== undefined && this.#open.size >= mostOpen) return this.#end(oldest);
    const isThere = await this.#begun({ name: next, frameAt: 0, skipBytes: 0 });
    this.#pass(next);
    return this.#result([], isThere ? null : lossOf("rotated-away"));
  }

  #pass(name: string): void {
    this.#passed.pass(name);
    if (name > this.#through) this.#through = name;
  }

  /** Opens a segment; false when it is gone, or shorter than it was. */
  async #begun(start: SegmentPosition, wantedFrom = 0): Promise<boolean> {
    const segment = await Segment.open(this.#folder, start, wantedFrom).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (segment !== null) this.#open.set(start.name, segment);
    return segment !== null;
  }

  async #end(segment: Segment): Promise<FolderRead> {
    await this.#drop(segment);
    if (segment.isWhole) return this.#result(segment.finish());
    const problem = `${join(this.#folder, segment.name)} ends within a zstd frame: the lines behind that are lost`;
    return this.#result([], lossOf("truncated"), problem);
  }

  async #drop(segment: Segment): Promise<void> {
    this.#open.delete(segment.name);
    await segment.close();
  }

  async #names(): Promise<string[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && segmentName.test(entry.name))
      .map(({ name }) => name)
      .sort();
  }

  #result(lines: readonly SourceLine[], loss: FolderRead["loss"] = null, problem: string | null = null): FolderRead {
    const open = [...this.#open.values()].map((segment) => segment.position);
    const position = { through: this.#through, passed: this.#passed.kept, open };
    return { lines, position, loss, problem, atEnd: false };
  }
}

/** How many lines are in a segment nobody knows. */
function lossOf(because: FileLoss["because"], lines = 1): FileLoss {
  return { because, lines, isAtLeast: true };
}

function missedProblem(folder: string, missed: number): string {
  const came = missed === 1 ? "a segment" : `${missed} segments`;
  return `${folder}: ${came} came while nobody looked, named so early that it cannot be told which: a clock was set back`;
}

/** What stands behind the time: all segments of one writer have the same there. */
function kindOf(name: string): string {
  return name.replace(segmentName, "");
}

const segmentName = /^\d{8}-\d{6}(?:\.\d+)?/;
/** Each is a file and a decoder's window. More than one is open where a writer has several kinds. */
const mostOpen = 8;
