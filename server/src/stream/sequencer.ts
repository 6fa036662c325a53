import type { Bytes, Cursor, LiveState, SectionName } from "@mailtide/shared";

/** One numbered step of the live state: whole sections that changed; none is a sign of life and nothing more. */
export interface Frame {
  readonly cursor: Cursor;
  readonly changed: Partial<LiveState>;
  readonly bytes: Bytes;
}

export type Resumption =
  /** Nothing was ever published. */
  | { readonly kind: "nothing-yet" }
  | { readonly kind: "snapshot"; readonly cursor: Cursor; readonly state: LiveState }
  /** In order, the first directly after the cursor; empty when it is up to date. */
  | { readonly kind: "deltas"; readonly frames: readonly Frame[] };

export interface Sequencer {
  /** Numbers the next frame. */
  next(state: LiveState): Frame;
  /** What was published so far is no past of what follows: a new epoch, in which no older cursor can resume. */
  cut(): void;
  /** What brings a holder of `cursor` to now: the missed frames while they are held and smaller, else everything. */
  resume(cursor: Cursor | null): Resumption;
  current(): LiveState | null;
  /** Of the newest state as a snapshot brings it. */
  snapshotBytes(): Bytes;
}

export interface SequencerOptions {
  readonly serverEpoch: string;
  /** Default 120: two minutes at one frame a second. */
  readonly heldFrames?: number;
  /** Default 4 MiB. */
  readonly heldBytes?: Bytes;
}

/**
 * Turns a stream of whole states into numbered frames. A caller that answers `resume` and adds the client to the live
 * room in one turn of the event loop loses no frame and repeats none: there is no instant between the two.
 */
export function createSequencer(options: SequencerOptions): Sequencer {
  const { heldFrames = 120, heldBytes = 4 << 20 } = options;
  let { serverEpoch } = options;
  let cuts = 0;
  const sections = new Map<SectionName, { readonly value: unknown; readonly text: string }>();
  let held: Frame[] = [];
  let bytesHeld = 0;
  let seq = 0;
  let current: LiveState | null = null;

  /** Sections are compared as they go over the wire: what a client could not tell apart is not sent again. */
  function changedSections(state: LiveState): { readonly changed: Partial<LiveState>; readonly bytes: Bytes } {
    const changed: [SectionName, unknown][] = [];
    let bytes = 0;
    for (const [name, value] of Object.entries(state) as [SectionName, unknown][]) {
      const before = sections.get(name);
      if (before?.value === value) continue;
      const text = JSON.stringify(value);
      sections.set(name, { value, text });
      if (before?.text === text) continue;
      changed.push([name, value]);
      bytes += text.length + name.length + 4;
    }
    return { changed: Object.fromEntries(changed) as Partial<LiveState>, bytes };
  }

  function hold(frame: Frame): void {
    held.push(frame);
    bytesHeld += frame.bytes;
    while (held.length > heldFrames || (bytesHeld > heldBytes && held.length > 0)) {
      bytesHeld -= held.shift()?.bytes ?? 0;
    }
  }

  function snapshotBytes(): Bytes {
    let bytes = 0;
    for (const { text } of sections.values()) bytes += text.length;
    return bytes;
  }

  return {
    next(state) {
      const frame: Frame = { cursor: { serverEpoch, seq: ++seq }, ...changedSections(state) };
      current = state;
      hold(frame);
      return frame;
    },
    cut() {
      serverEpoch = `${options.serverEpoch}.${++cuts}`;
      seq = 0;
      held = [];
      bytesHeld = 0;
    },
    resume(cursor) {
      if (current === null) return { kind: "nothing-yet" };
      const missed = cursor?.serverEpoch === serverEpoch ? seq - cursor.seq : -1;
      if (missed >= 0 && missed <= held.length) {
        const frames = held.slice(held.length - missed);
        if (sum(frames) <= snapshotBytes()) return { kind: "deltas", frames };
      }
      return { kind: "snapshot", cursor: { serverEpoch, seq }, state: current };
    },
    current: () => current,
    snapshotBytes,
  };
}

const sum = (frames: readonly Frame[]): Bytes => frames.reduce((total, frame) => total + frame.bytes, 0);
