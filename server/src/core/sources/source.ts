import type { EpochMs } from "@mailtide/shared";

/** No step, no day. */
export const never = -1;

/**
 * An address that sent us something, and all that is known of it: each line of a source finds its record once, because a
 * look-up among many thousands costs more than all that a line changes.
 */
export class Source {
  readonly ip: string;
  /** Counts, and is never named. */
  readonly isOurs: boolean;
  /** Steps in which it last did anything, and in which it last counted as a source and as a new one. */
  doneStep = never;
  seenStep = never;
  freshStep = never;
  /** Its place in the open slice of the heavy, if it is still its own. */
  seat = -1;
  /** The day of its last clean mail, while the history knows it. */
  cleanDay = never;
  /** Null when it stands in no hostile table. */
  hostile: HostileRecord | null = null;
  /** What whoever hears of its facts keeps of it, so as not to look for it again. */
  noted: object | null = null;
  /** Another form of its address by which it is found, or "". */
  alias = "";
  /** So many slices of the heavy list it. */
  slices = 0;
  /** Its row in the sum of the last slices, and of the youngest of them. */
  row = -1;
  briefRow = -1;
  /** When its first clean mail was. */
  firstCleanMs: EpochMs = Number.NaN;
  /** Its neighbours in the clean history. */
  before: Source = this;
  behind: Source = this;

  constructor(ip: string, isOurs = false) {
    this.ip = ip;
    this.isOurs = isOurs;
  }
}

/**
 * Evidence against a source, as it stands in the hostile table: among those of its class, between the one that was quiet
 * longer and the one that was not.
 */
export class HostileRecord {
  readonly source: Source;
  readonly firstSeenMs: EpochMs;
  lastSeenMs: EpochMs;
  messages = 0;
  spoofed = 0;
  rejected = 0;
  authFailures = 0;
  before: HostileRecord = this;
  behind: HostileRecord = this;

  constructor(source: Source, atMs: EpochMs) {
    this.source = source;
    this.firstSeenMs = this.lastSeenMs = atMs;
  }
}
