import type { Seconds } from "@mailtide/shared";

/** We stopped waiting; the connection is gone. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

/** One sentence for the screen and the page; the SQLSTATE (PostgreSQL documentation, Appendix A) stands in it. */
export function inWords(error: unknown, where: string, deadlineSeconds: Seconds): string {
  const code = codeOf(error);
  const said = error instanceof Error ? clean(error.message) : "";
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: `${where} refuses connections: nothing listens there`,
    ENOENT: `${where} does not exist: the server is not running or its socket is elsewhere`,
    ENOTFOUND: `the name in ${where} is not known`,
    EHOSTUNREACH: `${where} cannot be reached`,
    ENETUNREACH: `${where} cannot be reached`,
    ETIMEDOUT: `${where} does not answer`,
    ECONNRESET: `${where} closed the connection`,
    EPIPE: `${where} closed the connection`,
    "53300": `no connection left: ${said} (53300)`,
    "57P03": `the server is not accepting connections yet or any more: ${said} (57P03)`,
    "57P01": `the server was told to shut down (57P01)`,
    "57014": `the look-up was not finished within ${deadlineSeconds} s and was cancelled (57014)`,
    "55P03": `the look-up waited for a lock and was given up (55P03)`,
    "28P01": `the password is not accepted (28P01)`,
    "28000": `the role may not log in: ${said} (28000)`,
    "3D000": `${said} (3D000)`,
  };
  if (error instanceof DeadlinePassed) return said;
  if (code !== undefined) return known[code] ?? `${said === "" ? "failed" : said} (${code})`;
  return said === "" ? "failed without saying why" : said;
}

export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && error.code !== "" ? error.code : undefined;
}

const clean = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, 300);
