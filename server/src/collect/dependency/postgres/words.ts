import type { Seconds } from "@mailtide/shared";
import { DeadlinePassed } from "../sql/session.ts";
import { cancelled, codeOf, gaveUpLock } from "../sql/words.ts";

/** What a SQLSTATE means for whoever is on call (PostgreSQL documentation, Appendix A). */
export function postgresWords(code: string, said: string, deadlineSeconds: Seconds): string | undefined {
  // How we came stands at the end of what pg_hba.conf has no entry for; before PostgreSQL 14 as "SSL off".
  const inClear = /, (?:no encryption|SSL off)$/u.test(said) ? " without TLS" : "";
  const known: Readonly<Record<string, string>> = {
    "53300": `no connection left: ${said} (53300)`,
    "57P03": `the server is not accepting connections yet or any more: ${said} (57P03)`,
    "57P01": `the server was told to shut down (57P01)`,
    "57014": cancelled(deadlineSeconds, code),
    "55P03": gaveUpLock(code),
    "28P01": `the password is not accepted (28P01)`,
    "28000": `the role may not log in${inClear}: ${said} (28000)`,
    "3D000": `${said} (3D000)`,
    "25006": `the server takes no writes: ${said} (25006)`,
    "53100": `the server's disk is full: ${said} (53100)`,
  };
  return known[code];
}

/** The connection itself is gone, as against a look-up that failed on it. Classes 08 and 57P: SQLSTATE, Appendix A. */
export function postgresLost(error: unknown): boolean {
  if (error instanceof DeadlinePassed) return false;
  const code = codeOf(error);
  return code === undefined || code.startsWith("E") || code.startsWith("08") || code.startsWith("57P");
}
