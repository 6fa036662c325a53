import { StoreUnavailable } from "../series.ts";

const shownCharacters = 300;

/** InfluxDB understood the request and refuses what is in it: sending the same again is of no use. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/**
 * What a failure of the client means. 400 and 413 are about the content; everything else (network, time-out, 5xx, wrong
 * password, a database that is gone, a page of HTML from something in between) may be different later.
 */
export function meaningOf(error: unknown, what: string): Refused | StoreUnavailable {
  if (error instanceof StoreUnavailable || error instanceof Refused) return error;
  const text = messageOf(error);
  const status = statusOf(error);
  if (status === 400 || status === 413) return new Refused(`InfluxDB refused to ${what}: ${text}`, { cause: error });
  if (error instanceof SyntaxError) {
    return new StoreUnavailable(`cannot ${what}: what answers at this address is not InfluxDB (${text})`, {
      cause: error,
    });
  }
  return new StoreUnavailable(`cannot ${what}: ${text}`, { cause: error });
}

function statusOf(error: unknown): number | null {
  const response = (error as { res?: { statusCode?: unknown } } | null)?.res;
  return typeof response?.statusCode === "number" ? response.statusCode : null;
}

/** One line, short: answers can hold a whole page, or lines of data that came from outside. */
function messageOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { message?: unknown; code?: unknown };
  const text = typeof message === "string" && message !== "" ? message : String(code ?? error);
  return text.replace(/[\p{Cc}\s]+/gu, " ").slice(0, shownCharacters);
}
