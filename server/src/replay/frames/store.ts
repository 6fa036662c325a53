import { open, mkdtemp, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bytes, EpochMs, LiveState, Seconds } from "@mailtide/shared";
import { type Group, OpenGroup } from "./group.ts";

export interface FrameStoreOptions {
  /** Where the file lies; the system's folder for temporary files by default. */
  readonly folder?: string;
  /** Default 512 MiB: about two weeks of a busy platform, second by second. */
  readonly limitBytes?: Bytes;
}

interface Entry {
  readonly fromMs: EpochMs;
  readonly stepSeconds: Seconds;
  readonly offset: Bytes;
  readonly length: Bytes;
}

const defaultLimitBytes = 512 << 20;
const openGroups = 4;
/** The fuller the file, the further apart the states that still find room: from which share on, in which steps. */
const steps = [
  { fromShare: 0.9, stepSeconds: 600 },
  { fromShare: 0.75, stepSeconds: 60 },
  { fromShare: 0.5, stepSeconds: 10 },
] as const;

/**
 * The states of a recording on disk, any of them back at once. The file has no name any more while it is used: whatever
 * ends this process, nothing of a recording stays behind.
 */
export class FrameStore {
  readonly #file: FileHandle;
  readonly #limitBytes: Bytes;
  readonly #entries: Entry[] = [];
  readonly #opened = new Map<Entry, Promise<OpenGroup>>();
  #bytes: Bytes = 0;
  #lastMs: EpochMs | null = null;

  private constructor(file: FileHandle, limitBytes: Bytes) {
    this.#file = file;
    this.#limitBytes = limitBytes;
  }

  static async open({
    folder = tmpdir(),
    limitBytes = defaultLimitBytes,
  }: FrameStoreOptions = {}): Promise<FrameStore> {
    const place = await mkdtemp(join(folder, "mailtide-replay-"));
    try {
      return new FrameStore(await open(join(place, "frames"), "wx+", 0o600), limitBytes);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }

  /** The last instant that can be shown; null while there is none. */
  get lastMs(): EpochMs | null {
    return this.#lastMs;
  }

  /** How far apart states should stand that come now; null when no more find room. */
  get stepSeconds(): Seconds | null {
    const share = this.#bytes / this.#limitBytes;
    if (share >= 1) return null;
    return steps.find(({ fromShare }) => share >= fromShare)?.stepSeconds ?? 1;
  }

  /** Groups come in time order, one after the other. */
  async append({ fromMs, lastMs, stepSeconds, body }: Group): Promise<void> {
    const entry = { fromMs, stepSeconds, offset: this.#bytes, length: body.length };
    this.#bytes += body.length;
    for (let written = 0; written < body.length;) {
      written += (await this.#file.write(body, written, body.length - written, entry.offset + written)).bytesWritten;
    }
    this.#entries.push(entry);
    this.#lastMs = lastMs;
  }

  /** The newest kept state that is not after the instant, else the first; null while there is none. */
  async at(instantMs: EpochMs): Promise<{ readonly state: LiveState; readonly stepSeconds: Seconds } | null> {
    const entry = this.#entryAt(instantMs);
    if (entry === null) return null;
    return { state: (await this.#open(entry)).at(instantMs), stepSeconds: entry.stepSeconds };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #entryAt(instantMs: EpochMs): Entry | null {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.fromMs ?? Infinity) <= instantMs) low = middle + 1;
      else high = middle;
    }
    return this.#entries[Math.max(0, low - 1)] ?? null;
  }

  /** The last few used stay open: playing asks for the same one many times in a row. */
  #open(entry: Entry): Promise<OpenGroup> {
    const opened = this.#opened.get(entry) ?? this.#read(entry);
    this.#opened.delete(entry);
    this.#opened.set(entry, opened);
    for (const oldest of this.#opened.keys()) if (this.#opened.size > openGroups) this.#opened.delete(oldest);
    return opened;
  }

  async #read({ offset, length }: Entry): Promise<OpenGroup> {
    const body = Buffer.alloc(length);
    for (let read = 0; read < length;) {
      const { bytesRead } = await this.#file.read(body, read, length - read, offset + read);
      if (bytesRead === 0) throw new Error("the kept frames end too early");
      read += bytesRead;
    }
    return new OpenGroup(body);
  }
}
