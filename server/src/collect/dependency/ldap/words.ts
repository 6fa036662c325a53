import { ProbeFailure } from "../probe.ts";
import { tlsWords } from "../tls-words.ts";

/** What a result code means for whoever is on call (RFC 4511, appendix A). */
const known: Readonly<Record<number, string | undefined>> = {
  3: "takes longer than the server allows",
  8: "is refused: the server wants a stronger way to sign in",
  10: "is referred to another server: this one does not hold that tree",
  11: "costs more than the server allows: is the attribute indexed?",
  13: "is refused: the server wants TLS first",
  32: "is for a base that does not exist, or that this account may not see",
  48: "is refused: the server takes no anonymous bind",
  49: "is refused: the DN or the password is wrong",
  50: "is refused: the account may not do that",
  51: "is refused: the server is busy",
  52: "is refused: the server is shutting down or unavailable",
  53: "is refused: the server is unwilling to do that",
};

/** The code of a result of the server; null for what it did not say itself. */
function resultOf(error: unknown): number | null {
  const { code } = error as { code?: unknown };
  return typeof code === "number" ? code : null;
}

/** The connection ended where an answer was due, and no TLS was begun on it. */
export function hungUp(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return !(error instanceof ProbeFailure) && (code === undefined || code === "ECONNRESET" || code === "EPIPE");
}

/** Of a connection on which the server said nothing, not even of TLS; null when it did not end it. */
export function refusedTls(error: unknown): ProbeFailure | null {
  const { code, message = "" } = error as { code?: unknown; message?: string };
  if (code !== "ECONNRESET") return null;
  const ends = /^(?:read|write) /u.test(message) ? "resets" : "closes";
  return new ProbeFailure(
    `the server ${ends} the connection without a word of TLS: it is not set up for that, or takes no more connections`,
  );
}

/** Which step failed says half of it. */
export function inWords(step: string, error: unknown): Error {
  const { code, message = "" } = error as { code?: unknown; message?: string };
  if (error instanceof ProbeFailure) return error;
  // Of the network: said for all probes in the same words.
  if (typeof code === "string") {
    const words = tlsWords(error);
    return words === null ? (error as Error) : new ProbeFailure(`${step}: ${words}`, undefined, { cause: error });
  }
  const result = resultOf(error);
  // RFC 4511, 4.14.2 has it as an error of the protocol.
  if (result === 2 && step === "StartTLS")
    return new ProbeFailure(`${step} is refused: the server is not set up for TLS (2)`);
  // The server chooses how long it is.
  const said = message
    .slice(0, 1_000)
    .replace(/\s*Code: 0x[0-9a-f]+\s*$/iu, "")
    .replace(/\.$/u, "");
  const words =
    result === null
      ? `the server hung up during ${step}`
      : known[result] === undefined
        ? `${step} fails${said === "" ? "" : `: ${said}`} (${result})`
        : `${step} ${known[result]} (${result})`;
  return new ProbeFailure(words, undefined, { cause: error });
}
