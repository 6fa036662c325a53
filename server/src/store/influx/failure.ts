import { StoreUnavailable } from "../series.ts";

const shownCharacters = 300;

/** InfluxDB understood the request and refuses what is in it: sending the same again is of no use. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** Which InfluxDB was asked, and as whom. */
export interface Asked {
  readonly url: string;
  readonly database: string;
  readonly username: string | null;
  readonly timeoutMs: number;
}

/** The client waited for as long as a request may take. */
export class Late extends Error {}

/**
 * What a failure of the client means, in a sentence with what to do about it. 400 and 413 are about the content; everything
 * else (network, time-out, 5xx, wrong password, a database that is gone, a page of HTML from something in between) may be
 * different later.
 */
export function meaningOf(error: unknown, what: string, asked: Asked): Refused | StoreUnavailable {
  if (error instanceof StoreUnavailable || error instanceof Refused) return error;
  const status = statusOf(error);
  const said = messageOf(error);
  if (status === 400 || status === 413) return new Refused(`InfluxDB refused to ${what}: ${said}`, { cause: error });
  return new StoreUnavailable(`InfluxDB at ${new URL(asked.url).origin} ${inWords(error, what, asked)}`, {
    cause: error,
  });
}

function inWords(error: unknown, what: string, { username, database, timeoutMs }: Asked): string {
  const { code } = (error ?? {}) as { code?: unknown };
  const said = messageOf(error);
  const status = statusOf(error);
  if (error instanceof Late || said === "Request timed out")
    return `did not answer within ${timeoutMs / 1000} s (${what}): see its log, and its disk`;
  const unreached = words[String(code)];
  if (unreached !== undefined) return unreached;
  if (isOfTls(code)) return `is not spoken to: its TLS fails (${said}): see store.series.url, http or https`;
  if (status === 401) {
    const who = username === null ? "wants an account" : `does not take the account "${username}" with this password`;
    return `${who} (${said}): see store.series.username and password`;
  }
  if (status === 403 || /not authorized/.test(said)) {
    const may = `GRANT ALL ON "${database}" TO "${username ?? "ACCOUNT"}"`;
    return `does not let this account ${what} (${said}): an administrator makes the database ${database} and says ${may}`;
  }
  if (error instanceof SyntaxError || isParserOfHttp(code) || (status !== null && status < 500))
    return `is no InfluxDB 1.x: something else answers there (${said}): see store.series.url`;
  return `cannot ${what}: ${said}`;
}

const words: Readonly<Record<string, string | undefined>> = {
  ECONNREFUSED: "refuses connections: nothing listens there; start it, or correct store.series.url",
  ECONNRESET: "closed the connection: see its log, and store.series.url, http or https",
  EPIPE: "closed the connection: see its log",
  EHOSTUNREACH: "cannot be reached: see store.series.url, and the network between",
  ENETUNREACH: "cannot be reached: see store.series.url, and the network between",
  ETIMEDOUT: "does not answer: see store.series.url, and firewalls between",
  ENOTFOUND: "has a name that nobody knows: correct store.series.url",
  EAI_AGAIN: "has a name that cannot be looked up now: see store.series.url, and this host's resolver",
};

/** Of OpenSSL, or Node's of a certificate that is not believed. */
const isOfTls = (code: unknown): boolean =>
  typeof code === "string" && /^ERR_(?:SSL|TLS)_|CERT|^UNABLE_TO_|^EPROTO$/.test(code);

/** What answers is no HTTP at all. */
const isParserOfHttp = (code: unknown): boolean => typeof code === "string" && code.startsWith("HPE_");

function statusOf(error: unknown): number | null {
  const response = (error as { res?: { statusCode?: unknown } } | null)?.res;
  return typeof response?.statusCode === "number" ? response.statusCode : null;
}

/**
 * One line, short: answers can hold a whole page, or lines of data that came from outside. The client puts the status before
 * InfluxDB's own words, which are in JSON.
 */
function messageOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { message?: unknown; code?: unknown };
  const text = typeof message === "string" && message !== "" ? message : String(code ?? error);
  const own = /^A \d+ .*? error occurred: \{"error":"((?:[^"\\]|\\.)*)"\}\s*$/s.exec(text)?.[1];
  const status = /^A (\d+ .*?) error occurred:\s*$/s.exec(text)?.[1];
  const said = own?.replace(/\\(["\\])/g, "$1") ?? status ?? text;
  return said.replace(/[\p{Cc}\s]+/gu, " ").slice(0, shownCharacters);
}
