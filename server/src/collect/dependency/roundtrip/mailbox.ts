import { setTimeout as sleep } from "node:timers/promises";
import type { EpochMs, Seconds } from "@mailtide/shared";
import { z } from "zod";
import { hostPort } from "../../../core/text/host-port.ts";
import { backedOff } from "../back-off.ts";
import { type Folder, ImapSession, type MailboxAccess, Unreadable } from "./imap-session.ts";
import { probeSubject } from "./probe-mail.ts";
import type { Trouble, WayBack } from "./way-back.ts";

export interface MailboxOptions extends MailboxAccess {
  readonly everySeconds: Seconds;
  now(): EpochMs;
  /** The header of a mail that looks like a probe, and the folder that it is in: whether it is one of ours. */
  mail(header: string, folder: string): boolean;
}

/**
 * A mailbox that probe mail is delivered to like anybody's: what can be read in it is back. Looks only at what is new since
 * it was first opened, reads only what bears the probe's subject, and deletes only what has proven to be ours, once that is
 * durable. It runs by itself from `ready` to `close`.
 */
export class Mailbox implements WayBack {
  readonly port = null;
  readonly #options: MailboxOptions;
  readonly #again;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #session: ImapSession | null = null;
  /** Messages below `next` have been looked at. Null: it has never been opened. */
  #seen: { readonly validity: string; readonly next: number } | null;
  /** UIDs of ours that are still there. Those of `#durable` may go. */
  #ours: number[];
  #durable: readonly number[];
  #trouble: Trouble | null = null;
  strangers = 0;

  /** `kept`: what `keep` gave before a restart. */
  constructor(options: MailboxOptions, kept: unknown) {
    this.#options = options;
    this.#again = backedOff(options.everySeconds);
    const { validity, next, ours } = keptSchema.safeParse(kept).data ?? { validity: null, next: 0, ours: [] };
    this.#seen = validity === null ? null : { validity, next };
    this.#ours = [...ours];
    this.#durable = ours;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  ready(): Promise<boolean> {
    if (!this.#stop.signal.aborted) this.#running ??= this.#watch();
    return Promise.resolve(this.#seen !== null);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    const session = this.#session;
    this.#session = null;
    if (session?.isOpen === true) await this.#delete(session, AbortSignal.timeout(farewellMs)).catch(() => undefined);
    session?.close();
  }

  keep(): z.infer<typeof keptSchema> | undefined {
    return this.#seen === null ? undefined : { ...this.#seen, ours: this.#ours };
  }

  kept(what: unknown): void {
    const { validity, ours } = what as NonNullable<ReturnType<Mailbox["keep"]>>;
    // A number of a folder that was made anew names another mail.
    if (validity === this.#seen?.validity) this.#durable = ours.filter((uid) => this.#ours.includes(uid));
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const isRead = await this.#look();
      this.#again.tried(isRead);
      const { everySeconds } = this.#again;
      if (isRead) await this.#session?.news(everySeconds, signal);
      else await sleep(everySeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One look; a connection that was open before may have ended since, which says nothing yet. */
  async #look(): Promise<boolean> {
    const { signal } = this.#stop;
    for (;;) {
      const before = this.#session?.isOpen === true ? this.#session : null;
      try {
        this.#session = before ?? (await ImapSession.open(this.#options, signal));
        await this.#read(this.#session);
        this.#trouble = null;
        return true;
      } catch (error) {
        this.#session?.close();
        this.#session = null;
        if (signal.aborted) return false;
        if (before !== null) continue;
        const { host, port } = this.#options;
        const words = `${hostPort(host, port)}: ${error instanceof Unreadable ? error.message : String(error)}`;
        this.#trouble = { sinceMs: this.#trouble?.sinceMs ?? this.#options.now(), words };
        return false;
      }
    }
  }

  async #read(session: ImapSession): Promise<void> {
    const { signal } = this.#stop;
    const folder = await session.select(signal);
    const seen = this.#seen;
    if (seen === null || seen.validity !== folder.validity) {
      this.#ours = [];
      this.#durable = [];
    }
    // Nothing of ours is out before it was opened once. A folder that was made anew may hold what was in the old one.
    if (seen !== null) {
      const next = seen.validity === folder.validity ? seen.next : 1;
      if (folder.nextUid > next) await this.#readNew(session, folder, next);
    }
    this.#seen = { validity: folder.validity, next: folder.nextUid };
    await this.#delete(session, signal);
  }

  async #delete(session: ImapSession, signal: AbortSignal): Promise<void> {
    const gone = this.#durable.slice(0, mostAtOnce);
    if (gone.length === 0) return;
    await session.delete(gone, signal);
    this.#durable = this.#durable.filter((uid) => !gone.includes(uid));
    this.#ours = this.#ours.filter((uid) => !gone.includes(uid));
  }

  /** From the youngest back: a part of so many messages at a time, whatever their UIDs are, so that no answer is long. */
  async #readNew(session: ImapSession, folder: Folder, next: number): Promise<void> {
    const { signal } = this.#stop;
    const found: number[] = [];
    for (let to = folder.messages, parts = 0; to > 0 && parts < mostParts && found.length < mostFound; parts += 1) {
      const from = Math.max(1, to - messagesInPart + 1);
      const uids = await session.search(from, to, next, probeSubject, signal);
      found.push(...uids.sort((a, b) => b - a).slice(0, mostFound - found.length));
      const first = await session.uidAt(from, signal);
      if (first !== null && first < next) break;
      to = from - 1;
    }
    // In the order in which they came, and only a few headers in memory at a time.
    const left = found.filter((uid) => !this.#ours.includes(uid)).reverse();
    while (left.length > 0) {
      const headers = await session.headers(left.splice(0, mostAtOnce), signal);
      for (const [uid, header] of [...headers].sort(([a], [b]) => a - b)) {
        if (!this.#options.mail(header, this.#options.folder)) this.strangers += 1;
        else if (this.#ours.length < mostOurs) this.#ours.push(uid);
      }
    }
  }
}

const messagesInPart = 1_000;
/** Of more that are new since the last look, only the youngest are looked at. */
const mostParts = 200;
const mostFound = 2_000;
const mostAtOnce = 20;
const farewellMs = 2_000;
/** So many can be found at once as can be out, and copies of them. */
const mostOurs = 500;

const keptSchema = z.object({
  validity: z.string(),
  next: z.number(),
  ours: z.array(z.number()).max(mostOurs),
});
