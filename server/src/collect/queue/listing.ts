import type { EpochMs } from "@mailtide/shared";
import type { QueueEntry } from "../../core/observation.ts";

/** One way in which an MTA prints its queue: a new one is a file in the MTA's folder and a line in `collect/listings.ts`. */
export interface ListingFormat {
  /** As `mailtide queue --format` has it. */
  readonly name: string;
  readonly mta: string;
  /** Whether a listing that begins like this is of this format. */
  detects(head: string): boolean;
  read(context: ListingContext, take: (entry: ListedEntry) => void): ListingReader;
}

/** What a tool makes of a listing: a table by domain, where a message stands once for each of its domains and has no id. */
export interface Table {
  readonly name: string;
  readonly mta: string;
  detects(head: string): boolean;
  /** The listing to give instead. */
  readonly madeOf: string;
}

/** An entry of a listing; a few ways to look at a queue do not tell when a message arrived. */
export type ListedEntry = Omit<QueueEntry, "arrivalMs"> & {
  readonly arrivalMs: EpochMs | null;
  /** It had arrived by then, where nothing more is told. */
  readonly arrivedByMs?: EpochMs;
  /** How many messages it stands for, where only their number is told. */
  readonly messages?: number;
  /** Neither sender nor recipients are told. */
  readonly namesNobody?: true;
  /** Recipients beyond those that are named. */
  readonly moreRecipients?: number;
};

export interface ListingContext {
  /** When the listing was made: ages count back from here, and a date without year is the newest not after it plus a day. */
  readonly nowMs: EpochMs;
  /** IANA zone of times that state none. */
  readonly zone: string;
}

/** Takes a listing as it comes and hands over each message as soon as it is whole. */
export interface ListingReader {
  /** What ends a piece. Default: the end of the line. */
  readonly endsWith?: "nul";
  /** Lines without their end; for `showq`, values without their NUL. */
  piece(text: string): void;
  end(): void;
  /** False when the listing broke off, where the format tells. */
  readonly complete?: boolean;
  /** Pieces that are nothing that such a listing holds. */
  readonly garbled: number;
}

/** Of a listing whose lines stand each for itself: `read` answers whether such a listing holds the line. Blank ones say nothing. */
export function lineByLine(read: (line: string) => boolean, end: () => void = () => undefined): ListingReader {
  let garbled = 0;
  return {
    piece(line) {
      if (line.trim() !== "" && !read(line)) garbled += 1;
    },
    end,
    get garbled() {
      return garbled;
    },
  };
}

/**
 * So many recipients of one message are named, as Postfix takes of one client by default (smtpd_recipient_limit); the others
 * are counted. A message to 40,000 would hold the event loop wherever it is looked at.
 */
export const mostRecipients = 1_000;
/** A line may name all recipients of a message: some ten thousand fit. */
export const longestLineBytes = 4 * 1024 * 1024;

/** An entry while its recipients are being read. */
export type OpenListed = Omit<ListedEntry, "recipients" | "moreRecipients"> & {
  readonly recipients: { readonly address: string; reason: string | null }[];
  moreRecipients?: number;
};

export function addRecipient(entry: OpenListed, address: string, reason: string | null): void {
  if (entry.recipients.length < mostRecipients) entry.recipients.push({ address, reason });
  else entry.moreRecipients = (entry.moreRecipients ?? 0) + 1;
}

/** Collects the recipients of the message being read and hands it over when the next one begins. */
export class OpenEntry {
  readonly #take: (entry: ListedEntry) => void;
  #entry: OpenListed | null = null;

  constructor(take: (entry: ListedEntry) => void) {
    this.#take = take;
  }

  get open(): boolean {
    return this.#entry !== null;
  }

  begin(entry: Omit<ListedEntry, "recipients" | "moreRecipients">): void {
    this.close();
    this.#entry = { ...entry, recipients: [] };
  }

  /** What a later line says of the open message: in which queue it is. */
  move(queue: string): void {
    if (this.#entry !== null) this.#entry = { ...this.#entry, queue };
  }

  /** False when no message is open. */
  recipient(address: string, reason: string | null): boolean {
    if (this.#entry === null) return false;
    addRecipient(this.#entry, address, reason);
    return true;
  }

  /** Why the recipient that was read last waits. False when there is none yet. */
  lastReason(reason: string): boolean {
    const last = this.#entry?.recipients.at(-1);
    // One that is only counted has none.
    if (last !== undefined && this.#entry?.moreRecipients === undefined) last.reason = reason;
    return last !== undefined;
  }

  close(): void {
    if (this.#entry !== null) this.#take(this.#entry);
    this.#entry = null;
  }
}

/** `<a@b>` or `a@b`; the names that MTAs print for the null sender are "". */
export function bareAddress(text: string): string {
  const bare = text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
  return bare === "MAILER-DAEMON" ? "" : bare;
}
