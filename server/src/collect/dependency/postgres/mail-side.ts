import type { Seconds } from "@mailtide/shared";
import type { ClientConfig } from "pg";
import { type Deadline, Session } from "./session.ts";
import { codeOf, DeadlinePassed } from "./words.ts";

/** What the mail system's own way to the database feels like. `error` is what was thrown. */
export type Felt =
  | { readonly ok: true; readonly connectSeconds?: Seconds; readonly querySeconds: Seconds }
  | { readonly ok: false; readonly connectSeconds?: Seconds; readonly error: unknown };

/**
 * The mail system's role through its pooler: the look-up on a kept connection, as its processes do, and now and then on a
 * fresh one, so that slow or refused connections are seen too.
 */
export class MailSide {
  readonly #config: ClientConfig;
  readonly #query: string;
  readonly #freshEvery: number;
  #session: Session | null = null;
  #sinceFresh = 0;

  constructor(config: ClientConfig, query: string, freshEvery: number) {
    this.#config = config;
    this.#query = query;
    this.#freshEvery = freshEvery;
  }

  async probe(deadline: Deadline): Promise<Felt> {
    if (this.#session?.usable !== true || this.#sinceFresh >= this.#freshEvery) return this.#fresh(deadline);
    this.#sinceFresh += 1;
    const felt = await this.#ask(this.#session, deadline);
    // A pooler may end idle connections whenever it likes: only a fresh one's failure is the database's.
    if (!felt.ok && lost(felt.error)) return this.#fresh(deadline);
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
    let session: Session;
    try {
      session = await Session.open(this.#config, deadline);
    } catch (error) {
      return { ok: false, error };
    }
    const connectSeconds = (performance.now() - startMs) / 1000;
    this.#session?.close();
    this.#session = session;
    this.#sinceFresh = 0;
    return { ...(await this.#ask(session, deadline)), connectSeconds };
  }

  async #ask(session: Session, deadline: Deadline): Promise<Felt> {
    const startMs = performance.now();
    try {
      await session.query([this.#query], deadline);
      return { ok: true, querySeconds: (performance.now() - startMs) / 1000 };
    } catch (error) {
      return { ok: false, error };
    }
  }
}

/** The connection itself is gone, as against a look-up that failed on it. Classes 08 and 57P: SQLSTATE, Appendix A. */
function lost(error: unknown): boolean {
  if (error instanceof DeadlinePassed) return false;
  const code = codeOf(error);
  return code === undefined || code.startsWith("E") || code.startsWith("08") || code.startsWith("57P");
}
