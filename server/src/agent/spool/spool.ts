import { randomUUID } from "node:crypto";
import type { EpochMs } from "@mailtide/shared";
import { continued, type Dropped, headLine, marksLine, recordLine, type SpoolRecord } from "./line.ts";
import { headAfter, recover } from "./recover.ts";
import { createSegment, linesAt, removeSegment, type Segment } from "./segment.ts";

export interface SpoolOptions {
  /** Created when missing. One agent at a time. */
  readonly folder: string;
  /** Beyond this the oldest file of records is dropped, and its log lines are counted. */
  readonly maxBytes: number;
  /** A file is closed at this size. Default: a sixteenth of `maxBytes`, at most 4 MiB. */
  readonly segmentBytes?: number;
}
export type NewRecord = Omit<SpoolRecord, "seq">;
export interface SpoolRead {
  readonly records: readonly SpoolRecord[];
  /** There are more behind these. */
  readonly more: boolean;
}
export interface SpoolStatus {
  readonly lastSeq: number;
  readonly bytes: number;
  /** Since the spool began. */
  readonly lostLines: number;
}

/**
 * What was collected and is not yet durable on the server, on disk, in order. A record holds its facts and the position
 * behind them, so that a crash loses or repeats neither. Only what a power cut cannot take back is handed out to be sent:
 * the number of a record that left this host will never stand for another one.
 */
export class Spool {
  #epoch: string;
  readonly #options: Required<SpoolOptions>;
  #segments: Segment[];
  readonly #positions: Map<string, string>;
  #lastSeq: number;
  #dropped: Dropped;
  /** No record beyond this number has left this host. */
  #sent: number;
  #acknowledged = 0;
  #cursor: { readonly after: number; readonly firstSeq: number; readonly offset: number } | null = null;
  #unsynced = false;
  /** One file operation after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: Required<SpoolOptions>, found: Awaited<ReturnType<typeof recover>>) {
    this.#options = options;
    this.#epoch = found.epoch;
    this.#segments = found.segments;
    this.#positions = found.positions;
    this.#lastSeq = found.lastSeq;
    this.#dropped = found.dropped;
    this.#sent = found.sent;
  }

  /** Throws what the file system says, naming the path. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const segmentBytes = options.segmentBytes ?? Math.min(4 << 20, Math.floor(options.maxBytes / 16));
    return new Spool({ ...options, segmentBytes }, await recover(options.folder));
  }

  positions(): ReadonlyMap<string, string> {
    return this.#positions;
  }

  /** Names this spool; numbers count within it. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Everything before this is gone. */
  get firstSeq(): number {
    return Math.max(this.#segments[0]?.firstSeq ?? 1, this.#dropped.through + 1);
  }

  /** No record beyond this number has left this host. */
  get sentThrough(): number {
    return this.#sent;
  }

  status(): SpoolStatus {
    const bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    return { lastSeq: this.#lastSeq, bytes, lostLines: this.#dropped.lines };
  }

  /** All of them or none. Rejects with the file system's error when it cannot be written; then nothing was appended. */
  append(records: readonly NewRecord[]): Promise<void> {
    return this.#next(async () => {
      const bytes = Buffer.concat(records.map((record, at) => recordLine({ ...record, seq: this.#lastSeq + 1 + at })));
      let current = this.#current();
      if (current.bytes > this.#options.segmentBytes) current = await this.#rotate();
      await this.#makeRoom(bytes.length);
      current = this.#current();
      await write(current, bytes);
      this.#unsynced = true;
      this.#lastSeq += records.length;
      for (const { collector, position } of records)
        if (position !== "" && position !== continued) this.#positions.set(collector, position);
    });
  }

  /** To be sent: those that follow a number, at most about `wantBytes` of them but at least one, and everything durable. */
  read(after: number, wantBytes: number): Promise<SpoolRead> {
    return this.#next(async () => {
      const found = await this.#readFrom(after, wantBytes);
      await this.#markSent(found.records.at(-1)?.seq ?? 0);
      if (this.#unsynced) await this.#current().handle.datasync();
      this.#unsynced = false;
      return found;
    });
  }

  /** When the oldest behind a number was collected; undefined where there is none. Nothing of it is to be sent. */
  oldestAtMs(after: number): Promise<EpochMs | undefined> {
    return this.#next(async () => (await this.#readFrom(after, 1)).records[0]?.atMs);
  }

  /** The server has everything up to here: whole files that hold nothing else go. */
  acknowledge(through: number): Promise<void> {
    return this.#next(async () => {
      this.#acknowledged = Math.max(this.#acknowledged, through);
      for (;;) {
        const [oldest, following] = this.#segments;
        if (oldest === undefined || following === undefined || following.firstSeq - 1 > this.#acknowledged) return;
        this.#segments = this.#segments.slice(1);
        await removeSegment(oldest);
      }
    });
  }

  /**
   * The server has records up to here. Where this spool never sent them, it went back in time (a restored snapshot), or another
   * goes on from a copy of it: what it has collected since would be taken for those. So it goes on under a name of its
   * own, behind what both had. `ours`: of what was sent, only so much can be what the server has. False: nothing of that.
   */
  forkBefore(received: number, ours: number = this.#sent): Promise<boolean> {
    return this.#next(async () => {
      // What was dropped here is passed over there.
      const through = Math.max(ours, this.#dropped.through);
      if (received <= through) return false;
      const forked = {
        epoch: randomUUID(),
        lastSeq: this.#lastSeq,
        dropped: { ...this.#dropped, through },
        sent: through,
      };
      await write(this.#current(), headLine(headAfter({ ...forked, positions: this.#positions })));
      await this.#current().handle.datasync();
      this.#epoch = forked.epoch;
      this.#dropped = forked.dropped;
      this.#sent = through;
      return true;
    });
  }

  /** Makes everything durable and closes. Safe twice. */
  close(): Promise<void> {
    return this.#next(async () => {
      const segments = this.#segments;
      this.#segments = [];
      if (this.#unsynced) await segments.at(-1)?.handle.datasync();
      this.#unsynced = false;
      for (const { handle } of segments) await handle.close();
    });
  }

  /** Durable before they go, but where the disk is full: what is sent makes room. */
  async #markSent(seq: number): Promise<void> {
    if (seq <= this.#sent) return;
    this.#sent = seq;
    await write(this.#current(), marksLine({ dropped: this.#dropped, sent: seq })).catch(() => undefined);
    this.#unsynced = true;
  }

  async #readFrom(from: number, wantBytes: number): Promise<SpoolRead> {
    const after = Math.max(from, this.#dropped.through);
    const records: SpoolRecord[] = [];
    let taken = 0;
    const known = this.#cursor?.after === after ? this.#cursor : null;
    let index = known === null ? -1 : this.#segments.findIndex((segment) => segment.firstSeq === known.firstSeq);
    let offset = known !== null && index >= 0 ? known.offset : 0;
    // The last file that begins at or before what is wanted.
    if (index < 0)
      index = Math.max(
        0,
        this.#segments.findLastIndex(({ firstSeq }) => firstSeq <= after + 1),
      );
    for (; index < this.#segments.length; index++, offset = 0) {
      const segment = this.#segments[index];
      if (segment === undefined) break;
      for (;;) {
        const lines = await linesAt(segment, offset, Math.max(65_536, wantBytes - taken));
        if (lines.length === 0) break;
        for (const { line, end } of lines) {
          if (taken >= wantBytes) return { records, more: true };
          offset = end;
          if (line?.kind !== "record" || line.record.seq <= after) continue;
          records.push(line.record);
          taken += line.record.wire.length;
          this.#cursor = { after: line.record.seq, firstSeq: segment.firstSeq, offset };
        }
      }
    }
    return { records, more: false };
  }

  async #makeRoom(neededBytes: number): Promise<void> {
    const { maxBytes } = this.#options;
    if (this.status().bytes + neededBytes <= maxBytes) return;
    if (this.#segments.length === 1) await this.#rotate();
    while (this.status().bytes + neededBytes > maxBytes && this.#segments.length > 1) {
      const [oldest, following] = this.#segments;
      if (oldest === undefined || following === undefined) return;
      const through = Math.max(this.#dropped.through, following.firstSeq - 1);
      const lines = this.#dropped.lines + (await this.#unsentLines(oldest));
      // Said durably before it is done: a crash in between must not send what was counted as lost.
      await write(this.#current(), marksLine({ dropped: { through, lines }, sent: this.#sent }));
      await this.#current().handle.datasync();
      this.#dropped = { through, lines };
      this.#segments = this.#segments.slice(1);
      await removeSegment(oldest);
    }
  }

  async #unsentLines(segment: Segment): Promise<number> {
    const gone = Math.max(this.#acknowledged, this.#dropped.through);
    let sum = 0;
    for (let offset = 0; ;) {
      const lines = await linesAt(segment, offset, 1 << 20);
      const last = lines.at(-1);
      if (last === undefined) return sum;
      for (const { line } of lines) if (line?.kind === "record" && line.record.seq > gone) sum += line.record.lines;
      offset = last.end;
    }
  }

  async #rotate(): Promise<Segment> {
    const current = this.#current();
    if (current.firstSeq === this.#lastSeq + 1) return current;
    await current.handle.datasync();
    const [lastSeq, dropped, sent] = [this.#lastSeq, this.#dropped, this.#sent];
    const state = { epoch: this.#epoch, lastSeq, dropped, sent, positions: this.#positions };
    const segment = await createSegment(this.#options.folder, headAfter(state));
    this.#segments.push(segment);
    return segment;
  }

  #current(): Segment {
    const current = this.#segments.at(-1);
    if (current === undefined) throw new Error("the spool is closed");
    return current;
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** Whole or not at all: what a failed write left is cut off, and would be written over anyway. */
async function write(segment: Segment, bytes: Buffer): Promise<void> {
  try {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await segment.handle.write(bytes, done, bytes.length - done, segment.bytes + done);
      done += bytesWritten;
    }
  } catch (error) {
    await segment.handle.truncate(segment.bytes).catch(() => undefined);
    throw error;
  }
  segment.bytes += bytes.length;
}
