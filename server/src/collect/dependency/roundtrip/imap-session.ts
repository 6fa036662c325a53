import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ImapFlow, type ImapFlowOptions } from "imapflow";
import type { Seconds } from "@mailtide/shared";
import { Patience } from "../../../loop/patience.ts";
import type { Secret } from "../../../config/secret.ts";
import { socketWords } from "../socket-words.ts";
import { greetsInTls } from "../speaks-tls.ts";
import { tlsWords } from "../tls-words.ts";
import { masked } from "./masked.ts";

/** Where a mailbox is read, and as whom. */
export interface MailboxAccess {
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls";
  readonly verify: boolean;
  readonly ca?: string | undefined;
  readonly user: string;
  readonly password: Secret;
  readonly folder: string;
  /** A step of the conversation must be answered within this. */
  readonly deadlineSeconds: Seconds;
}

/** How the folder stands: UIDs of one `validity` (RFC 9051, 2.3.1.1) are given once and only grow. */
export interface Folder {
  readonly validity: string;
  readonly nextUid: number;
  readonly messages: number;
}

/** The mailbox could not be read, in words. */
export class Unreadable extends Error {}

/**
 * One connection to a mailbox server (IMAP, RFC 9051), a step at a time; every step has a deadline, after which the
 * connection is gone. What the server sends is bounded: lines, literals and whole responses.
 */
export class ImapSession {
  readonly #client: ImapFlow;
  readonly #folder: string;
  readonly #deadlineSeconds: Seconds;

  private constructor(access: MailboxAccess) {
    this.#client = new ImapFlow(settings(access));
    this.#folder = access.folder;
    this.#deadlineSeconds = access.deadlineSeconds;
    // Told to whoever waits for an answer; without a listener it would end the program.
    this.#client.on("error", () => undefined);
  }

  static async open(access: MailboxAccess, signal: AbortSignal): Promise<ImapSession> {
    const session = new ImapSession(access);
    const greeting = access.tls === "implicit" ? "" : greetsInTls(access.port);
    await session.#step(`connecting and signing in${greeting}`, signal, () => session.#client.connect());
    return session;
  }

  get isOpen(): boolean {
    return this.#client.usable;
  }

  async select(signal: AbortSignal): Promise<Folder> {
    const opened = await this.#step("opening the folder", signal, () => this.#client.mailboxOpen(this.#folder));
    if (opened.readOnly === true) throw new Unreadable("refused while opening the folder: it is read-only");
    return { validity: String(opened.uidValidity), nextUid: opened.uidNext, messages: opened.exists };
  }

  /** The UIDs of messages from the `from`th to the `to`th with this subject that are not below `uid`. */
  async search(from: number, to: number, uid: number, subject: string, signal: AbortSignal): Promise<number[]> {
    const found = await this.#step("looking for mail", signal, () =>
      this.#client.search({ seq: `${from}:${to}`, uid: `${uid}:*`, subject }, { uid: true }),
    );
    // `uid:*` always names the last message too.
    return Array.isArray(found) ? found.filter((one) => one >= uid).slice(0, to - from + 1) : [];
  }

  /** The UID of the `at`th message; null where there is none. */
  async uidAt(at: number, signal: AbortSignal): Promise<number | null> {
    const message = await this.#step("looking for mail", signal, () =>
      this.#client.fetchOne(String(at), { uid: true }),
    );
    return message === false ? null : message.uid;
  }

  /** The beginning of the header of each, at most 64 KiB; leaves them as unread as they are. */
  async headers(uids: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, string>> {
    return this.#step("reading a header", signal, async () => {
      const found = new Map<number, string>();
      const query = { uid: true, bodyParts: [{ key: "HEADER", maxLength: headerBytes }] };
      for await (const { uid, headers } of this.#client.fetch(uids.join(","), query, { uid: true }))
        if (headers !== undefined && uids.includes(uid)) found.set(uid, headers.toString("latin1"));
      return found;
    });
  }

  /** These and no others, whatever else is marked as deleted: where the server cannot do that, they are only marked. */
  async delete(uids: readonly number[], signal: AbortSignal): Promise<void> {
    const range = uids.join(",");
    await this.#step("deleting what was ours", signal, () =>
      this.#client.capabilities.has("UIDPLUS")
        ? this.#client.messageDelete(range, { uid: true })
        : this.#client.messageFlagsAdd(range, ["\\Deleted"], { uid: true }),
    );
  }

  /** Until something is new in the folder, where the server tells (IDLE, RFC 2177), but not longer than this. */
  async news(seconds: Seconds, signal: AbortSignal): Promise<void> {
    const waking = new AbortController();
    const wake = (): void => waking.abort();
    this.#client.on("exists", wake);
    this.#client.on("close", wake);
    signal.addEventListener("abort", wake, { once: true });
    if (this.#client.capabilities.has("IDLE")) this.#client.idle().catch(wake);
    await sleep(seconds * 1000, undefined, { signal: waking.signal }).catch(() => undefined);
    this.#client.off("exists", wake);
    this.#client.off("close", wake);
    signal.removeEventListener("abort", wake);
  }

  close(): void {
    this.#client.close();
  }

  async #step<T>(name: string, signal: AbortSignal, start: () => Promise<T>): Promise<T> {
    const seconds = this.#deadlineSeconds;
    const patience = new Patience(seconds * 1000, signal);
    try {
      return await patience.before(start(), () => new Unreadable(`no answer within ${seconds} s (${name})`));
    } catch (error) {
      this.close();
      throw error instanceof Unreadable ? error : new Unreadable(inWords(error, name));
    } finally {
      patience.end();
    }
  }
}

/** Longer than what mail systems on the way add. */
const headerBytes = 64 * 1024;

function settings({ host, port, tls, verify, ca, user, password }: MailboxAccess): ImapFlowOptions {
  // Later than each step's deadline, which says it in our words.
  const patienceMs = 120_000;
  return {
    host,
    port,
    secure: tls === "implicit",
    ...(tls === "starttls" ? { doSTARTTLS: true } : {}),
    tls: { rejectUnauthorized: verify, ...(ca === undefined ? {} : { ca: readFileSync(ca) }) },
    auth: { user, pass: password.reveal() },
    logger: false,
    disableAutoIdle: true,
    disableAutoEnable: true,
    // What is small on its way must not become large here.
    disableCompression: true,
    clientInfo: { name: "mailtide" },
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    maxLineLength: 256 * 1024,
    maxLiteralSize: 2 * headerBytes,
    maxResponseSize: 1024 ** 2,
    maxResponseTokens: 20_000,
  };
}

/** What the server answered, and to what; else why it could not be asked. */
function inWords(error: unknown, step: string): string {
  const { code, responseText, serverResponseCode, response, authenticationFailed, tlsFailed, message } =
    error as ImapError;
  if (authenticationFailed === true)
    return `refused while signing in: ${masked(serverResponseCode ?? "")} ${masked(responseText ?? response ?? "")}`;
  if (tlsFailed === true && code === undefined) return "does not offer STARTTLS here";
  if (typeof responseText === "string" && responseText !== "") return `refused while ${step}: ${masked(responseText)}`;
  const said = tlsWords(error) ?? socketWords[code ?? ""] ?? masked(message ?? String(error));
  return `${said} while ${step}`;
}

interface ImapError {
  readonly code?: string;
  readonly responseText?: string;
  readonly response?: string;
  readonly serverResponseCode?: string;
  readonly authenticationFailed?: boolean;
  readonly tlsFailed?: boolean;
  readonly message?: string;
}
