import type { Seconds } from "@mailtide/shared";
import { tlsWords } from "../tls-words.ts";
import { DeadlinePassed } from "./session.ts";

/** One sentence for the screen and the page, with the server's own code in it; `known` are the codes of a kind of server. */
export function inWords(
  error: unknown,
  where: string,
  known: (code: string, said: string) => string | undefined,
): string {
  const sentence = ofError(error, where, known);
  return sentence.includes(where) ? sentence : `${where}: ${sentence}`;
}

function ofError(error: unknown, where: string, known: (code: string, said: string) => string | undefined): string {
  const code = codeOf(error);
  const said = error instanceof Error ? clean(error.message) : "";
  if (error instanceof DeadlinePassed) return said;
  if (code !== undefined)
    return known(code, said) ?? network(code, where) ?? tlsWords(error) ?? `${said === "" ? "failed" : said} (${code})`;
  return said === "" ? "failed without saying why" : said;
}

export const cancelled = (seconds: Seconds, code: string): string =>
  `the look-up was not finished within ${seconds} s and was cancelled (${code})`;
export const gaveUpLock = (code: string): string => `the look-up waited for a lock and was given up (${code})`;

const network = (code: string, where: string): string | undefined => {
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: `${where} refuses connections: nothing listens there`,
    ENOENT: `${where} does not exist: the server is not running or its socket is elsewhere`,
    ENOTFOUND: `the name in ${where} is not known`,
    EHOSTUNREACH: `${where} cannot be reached`,
    ENETUNREACH: `${where} cannot be reached`,
    ETIMEDOUT: `${where} does not answer`,
    ECONNRESET: `${where} closed the connection`,
    EPIPE: `${where} closed the connection`,
    PROTOCOL_CONNECTION_LOST: `${where} closed the connection`,
  };
  return words[code];
};

/** The server's number where it has one, else the code of the network or the library. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { errno, code } = error as { errno?: unknown; code?: unknown };
  // The system's own errors have a negative number and a telling code.
  if (typeof errno === "number" && errno > 0) return String(errno);
  return typeof code === "string" && code !== "" ? code : undefined;
}

const clean = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, 300);
