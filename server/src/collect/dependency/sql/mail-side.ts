import type { Seconds } from "@mailtide/shared";
import type { Deadline, SqlSession } from "./session.ts";

/** What the mail system's own way to the database feels like. `error` is what was thrown. */
export type Felt = {
  readonly connectSeconds?: Seconds;
  readonly querySeconds?: Seconds;
  readonly writeSeconds?: Seconds;
} & ({ readonly ok: true } | { readonly ok: false; readonly error: unknown; readonly writing?: boolean });

export interface MailSideOptions {
  open(deadline: Deadline): Promise<SqlSession>;
  /** The connection itself is gone, as against a look-up that failed on it. */
  lost(error: unknown): boolean;
  readonly query: string;
  /** What a write canary writes; null: nothing is written. */
  readonly write: string | null;
  /** Probes on a kept connection before one on a fresh one. */
  readonly freshEvery: number;
}

/**
 * The mail system's role through its pooler: the look-up on a kept connection, as its processes do, and now and then on a
 * fresh one, so that slow or refused connections are seen too.
 */
export class MailSide {
  readonly #options: MailSideOptions;
  #session: SqlSession | null = null;
  #sinceFresh = 0;

  constructor(options: MailSideOptions) {
    this.#options = options;
  }

  async probe(deadline: Deadline): Promise<Felt> {
    if (this.#session?.usable !== true || this.#sinceFresh >= this.#options.freshEvery) return this.#fresh(deadline);
    this.#sinceFresh += 1;
    const felt = await this.#ask(this.#session, deadline);
    // A pooler may end idle connections whenever it likes: only a fresh one's failure is the database's.
    if (!felt.ok && this.#options.lost(felt.error)) return this.#fresh(deadline);
    return felt;
  }

  close(): void {
    this.#session?.close();
    this.#session = null;
  }

  /** The kept connection goes only when the new one stands: giving it up first would make room that nobody else has. */
  async #fresh(deadline: Deadline): Promise<Felt> {
    // Until one succeeds every probe tries: a mail process that starts now would be refused as well.
    this.#sinceFresh = Infinity;
    const startMs = performance.now();
    let session: SqlSession;
    try {
      session = await this.#options.open(deadline);
    } catch (error) {
      return { ok: false, error };
    }
    const connectSeconds = (performance.now() - startMs) / 1000;
    this.#session?.close();
    this.#session = session;
    this.#sinceFresh = 0;
    return { ...(await this.#ask(session, deadline)), connectSeconds };
  }

  async #ask(session: SqlSession, deadline: Deadline): Promise<Felt> {
    const { query, write } = this.#options;
    const startMs = performance.now();
    try {
      await session.query([query], deadline);
    } catch (error) {
      return { ok: false, error };
    }
    const readMs = performance.now();
    const querySeconds = (readMs - startMs) / 1000;
    if (write === null) return { ok: true, querySeconds };
    try {
      await session.query([write], deadline);
      return { ok: true, querySeconds, writeSeconds: (performance.now() - readMs) / 1000 };
    } catch (error) {
      return { ok: false, querySeconds, error, writing: true };
    }
  }
}
