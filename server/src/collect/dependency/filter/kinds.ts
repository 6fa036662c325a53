import type { ProbeDetails } from "../../../core/observation.ts";
import { cleanText } from "../../../core/text/clean.ts";
import { Dialogue } from "../smtp/dialogue.ts";
import { ask, type FilterAddress } from "./ask.ts";

/** A kind of content filter: how it is asked whether it lives, and how it is given something to look at. */
export interface FilterKind {
  readonly port: number;
  /** `doing` names a step of it, where it has some. */
  ping(at: FilterAddress, signal: AbortSignal, doing: (step: string) => void): Promise<ProbeDetails | undefined>;
  /** Lets it look at a harmless mail; rejects unless it was looked at. Not for what passes mail on: it would. */
  readonly scan?: (at: FilterAddress, signal: AbortSignal) => Promise<void>;
  /** Lets it look at the EICAR test file; rejects when nothing was found. */
  readonly virus?: (at: FilterAddress, signal: AbortSignal) => Promise<void>;
}

const mail = [
  "Received: from localhost (localhost [127.0.0.1]) by mailtide; Thu, 01 Jan 2026 00:00:00 +0000",
  "From: Mailtide <mailtide@localhost>",
  "To: <mailtide@localhost>",
  "Subject: Mailtide asks whether you look",
  "Date: Thu, 01 Jan 2026 00:00:00 +0000",
  "Message-ID: <mailtide-probe@localhost>",
  "",
  "Mailtide asks whether this filter looks at mail.",
  "",
].join("\r\n");
/** The test file that every scanner finds (eicar.org), in two parts, so that none finds it here. */
const eicar = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");

const wrong = (what: string, said: string): Error =>
  new Error(said === "" ? `hung up without an answer to ${what}` : `answers "${cleanText(said, 60)}" to ${what}`);

/** clamd(8): commands with a NUL at both ends; INSTREAM takes chunks of a length and its bytes, ended by an empty one. */
const clamd: FilterKind = {
  port: 3310,
  async ping(at, signal) {
    const said = await ask(at, "zPING\0", /\0/u, signal);
    if (!/^PONG\0?$/u.test(said)) throw wrong("a ping", said);
    const figures = await ask(at, "zSTATS\0", /\0/u, signal);
    const [queue, threads] = [/^QUEUE: (\d{1,9}) items/mu, /^THREADS: live (\d{1,9}) .*?max (\d{1,9})/mu].map((part) =>
      part.exec(figures),
    );
    return {
      ...(queue?.[1] === undefined ? {} : { filterQueue: Number(queue[1]) }),
      ...(threads?.[1] === undefined
        ? {}
        : { connectionsUsed: Number(threads[1]), connectionsMax: Number(threads[2]) }),
    };
  },
  async scan(at, signal) {
    const said = await ask(at, inStream(mail), /\0/u, signal);
    if (!/^stream: OK\0?$/u.test(said)) throw wrong("a harmless mail", said);
  },
  async virus(at, signal) {
    const said = await ask(at, inStream(eicar), /\0/u, signal);
    if (/^stream: OK\0?$/u.test(said))
      throw new Error("finds nothing in the EICAR test file: its signatures are missing");
    if (!/ FOUND\0?$/u.test(said)) throw wrong("the EICAR test file", said);
  },
};

function inStream(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([Buffer.from("zINSTREAM\0"), length, Buffer.from(text, "latin1"), Buffer.alloc(4)]);
}

/** spamd's PROTOCOL: a command line, headers, an empty line; the answer's first line says `0 EX_OK`. */
const spamd: FilterKind = {
  port: 783,
  async ping(at, signal) {
    const said = await ask(at, "PING SPAMC/1.2\r\n\r\n", /\n/u, signal);
    if (!/^SPAMD\/[\d.]+ 0 PONG\r?\n/u.test(said)) throw wrong("a ping", said);
    return undefined;
  },
  async scan(at, signal) {
    const question = `SYMBOLS SPAMC/1.2\r\nContent-length: ${mail.length}\r\n\r\n${mail}`;
    const said = await ask(at, question, /^Spam: [^\n]*\n/imu, signal);
    if (!/^SPAMD\/[\d.]+ 0 EX_OK\r?\n/u.test(said)) throw wrong("a harmless mail", said);
  },
};

/** rspamd's HTTP: `/ping` of any worker, `/checkv2` of the normal one. */
const rspamd: FilterKind = {
  port: 11_333,
  async ping(at, signal) {
    const said = await ask(at, "GET /ping HTTP/1.0\r\n\r\n", /\r\n\r\npong/u, signal);
    if (!/^HTTP\/1\.\d 200 [^]*\r\n\r\npong/u.test(said)) throw wrong("a ping", said);
    return undefined;
  },
  async scan(at, signal) {
    const head = `POST /checkv2 HTTP/1.0\r\nContent-Length: ${mail.length}\r\n\r\n`;
    const said = await ask(at, `${head}${mail}`, /"action":\s*"[a-z ]+"[^]*\}\s*$/u, signal);
    if (!/^HTTP\/1\.\d 200 [^]*"action":/u.test(said)) throw wrong("a harmless mail", said);
  },
};

/**
 * A filter that mail goes through, amavis above all: it greets when it has a process free. The mail itself is not said, for
 * it would go on to somebody.
 */
const conversation = (hello: "EHLO" | "LHLO"): FilterKind => ({
  port: 10_024,
  async ping({ host, port, socket }, signal, doing) {
    doing("connecting");
    const dialogue = await Dialogue.open({ host, port, socket, implicit: false, verify: false }, signal);
    try {
      doing("the greeting");
      await dialogue.step("the greeting", null);
      doing(hello);
      await dialogue.step(hello, `${hello} mailtide.invalid`);
      void dialogue.step("QUIT", "QUIT").catch(() => undefined);
      return undefined;
    } finally {
      dialogue.close();
    }
  },
});

export const kinds = { clamd, spamd, rspamd, smtp: conversation("EHLO"), lmtp: conversation("LHLO") } as const;
