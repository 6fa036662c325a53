/** What is wrong with a certificate or a handshake, by the codes of Node and OpenSSL (X509_verify_cert_error_string(3)). */
const known: Readonly<Record<string, string | undefined>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate is signed by an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT: "the certificate is signed by an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the certificate is signed by an authority that is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "who signs the certificate is not known here: an authority of one's own, or a chain that is not sent",
  CERT_HAS_EXPIRED: "a certificate of the chain has ended",
  CERT_NOT_YET_VALID: "a certificate of the chain is not valid yet",
  CERT_REVOKED: "the certificate is revoked",
};

/** Null for what is no matter of TLS. */
export function tlsWords(error: unknown): string | null {
  const { code, reason, message } = error as { code?: unknown; reason?: unknown; message?: string };
  if (typeof code !== "string") return null;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return nameWords(error);
  if (known[code] !== undefined) return known[code];
  if (/^(?:CERT_|UNABLE_TO_|INVALID_|DEPTH_)/u.test(code)) return `the certificate is not trusted: ${message ?? code}`;
  if (!/^(?:ERR_SSL_|EPROTO|ERR_TLS_)/u.test(code)) return null;
  // Where the reason stands by itself, or in what OpenSSL printed: error:NUMBER:LIBRARY:FUNCTION:REASON:FILE.
  const why = typeof reason === "string" ? reason : /:SSL routines:[^:]*:([^:]+)/u.exec(message ?? "")?.[1];
  return why === "wrong version number" ? "what answers does not speak TLS" : `TLS fails: ${why ?? message ?? code}`;
}

/** The names are the other side's word. */
function nameWords(error: unknown): string {
  const { host, cert } = error as { host?: string; cert?: { subjectaltname?: string } };
  const names = (cert?.subjectaltname ?? "no name").replaceAll(/(?:DNS|IP Address):/gu, "").slice(0, 120);
  return `the certificate is not for ${host ?? "this name"} but for ${names}`;
}
