import type { Seconds } from "@mailtide/shared";
import { DeadlinePassed } from "../sql/session.ts";
import { cancelled, codeOf, gaveUpLock } from "../sql/words.ts";

/** What an error number means for whoever is on call (MariaDB documentation, "MariaDB Error Codes"; MySQL's "Server Errors"). */
export function mysqlWords(
  code: string,
  said: string,
  { deadlineSeconds, inClear }: { readonly deadlineSeconds: Seconds; readonly inClear: boolean },
): string | undefined {
  const known: Readonly<Record<string, string>> = {
    "1040": `no connection left: ${said} (1040)`,
    "1203": `no connection left for this role: ${said} (1203)`,
    "1226": `no connection left for this role: ${said} (1226)`,
    "1053": `the server is shutting down (1053)`,
    "1927": `the connection was killed (1927)`,
    "1129": `the server has blocked this host after many errors (1129)`,
    // Of a role that must come by TLS the server says no more than of a wrong password.
    "1045": `the password is not accepted, ${inClear ? "the role must come by TLS, " : ""}or the role may not come from here (1045)`,
    "1698": `the role may not log in with a password (1698)`,
    "1205": gaveUpLock(code),
    "1969": cancelled(deadlineSeconds, code),
    "3024": cancelled(deadlineSeconds, code),
    "1290": `the server takes no writes: ${said} (1290)`,
    "1021": `the server's disk is full: ${said} (1021)`,
    "1114": `the server's disk or table is full: ${said} (1114)`,
  };
  return known[code];
}

/** The connection itself is gone, as against a look-up that failed on it. */
export function mysqlLost(error: unknown): boolean {
  if (error instanceof DeadlinePassed) return false;
  const code = codeOf(error);
  return code === undefined || /^[EP]/u.test(code) || code === "1927" || code === "1053" || code === "4031";
}
