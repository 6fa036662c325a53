/**
 * Why a sender did not come in by TLS, for whoever set it up. `unauthorized`: what Node.js found wrong with its certificate,
 * which it then says as a connection that was reset.
 */
export function tlsWords(unauthorized: unknown, { code = "", message }: NodeJS.ErrnoException): string {
  const found = [unauthorized instanceof Error ? unauthorized.message : unauthorized, code].find(
    (each): each is string => typeof each === "string" && each !== "",
  );
  const what = found ?? message;
  for (const [symptom, words] of known) if (symptom.test(what)) return `${words} (${what})`;
  return `its TLS failed: ${what}`;
}

const known: readonly (readonly [RegExp, string])[] = [
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE/, "it shows no certificate, and with syslog.tls.ca it must"],
  [/CERT_HAS_EXPIRED/, "its certificate has ended"],
  [/CERT_NOT_YET_VALID/, "its certificate is not valid yet"],
  [/SELF_SIGNED|VERIFY_LEAF|ISSUER|UNTRUSTED|INVALID_PURPOSE/, "its certificate is not signed by syslog.tls.ca"],
  [
    /ALERT_UNKNOWN_CA|ALERT_BAD_CERT|ALERT_CERT|ALERT_UNSUPPORTED_CERT/,
    "it does not trust the certificate of syslog.tls.cert",
  ],
  [/WRONG_VERSION_NUMBER|HTTP_REQUEST|UNEXPECTED_MESSAGE|PACKET_LENGTH/, "it speaks no TLS on the port for it"],
  [/UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|HANDSHAKE_TIMEOUT|PROTOCOL_VERSION/, "no TLS 1.2 or later was agreed upon"],
  [/ECONNRESET/, "it hung up during the TLS handshake, as who does not trust the certificate of syslog.tls.cert"],
];
