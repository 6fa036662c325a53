import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Seconds } from "@mailtide/shared";
import type { ProbeDetails } from "../../../core/observation.ts";
import { ProbeFailure } from "../probe.ts";
import { tlsWords } from "../tls-words.ts";

interface Shown {
  readonly valid_from: string;
  readonly valid_to: string;
}

/**
 * Throws what is wrong with a certificate now; says what will be. `error` is what checking its chain and name gave, if it
 * was checked.
 */
export function judge(shown: Shown, error: unknown, nowMs: number, warnSeconds: Seconds): ProbeDetails {
  const endMs = Date.parse(shown.valid_to);
  if (Number.isNaN(endMs)) throw new ProbeFailure("no certificate is shown");
  const expiresInSeconds = Math.round((endMs - nowMs) / 1000);
  const details = { expiresInSeconds };
  const beginMs = Date.parse(shown.valid_from);
  if (expiresInSeconds <= 0) throw new ProbeFailure(`the certificate ended on ${dayOf(endMs)}`, details);
  if (beginMs > nowMs) throw new ProbeFailure(`the certificate is not valid before ${dayOf(beginMs)}`, details);
  if (error !== null && error !== undefined) throw new ProbeFailure(trustWords(error), details);
  if (expiresInSeconds >= warnSeconds) return details;
  const days = Math.floor(expiresInSeconds / 86_400);
  const left = days >= 2 ? `${days} days` : `${Math.floor(expiresInSeconds / 3_600)} hours`;
  return { ...details, concern: `the certificate ends on ${dayOf(endMs)}, in ${left}` };
}

/** The first certificate of a file, which is the server's own; its name where one is wanted. */
export function judgeFile(pem: string, name: string | undefined, nowMs: number, warnSeconds: Seconds): ProbeDetails {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new ProbeFailure("the file holds no certificate", undefined, { cause: error });
  }
  const details = judge({ valid_from: certificate.validFrom, valid_to: certificate.validTo }, null, nowMs, warnSeconds);
  if (name === undefined) return details;
  const matches = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  if (matches !== undefined) return details;
  const { subjectAltName: subjectaltname = "no name" } = certificate;
  const wrong = { code: "ERR_TLS_CERT_ALTNAME_INVALID", host: name, cert: { subjectaltname } };
  throw new ProbeFailure(tlsWords(wrong) ?? "", details);
}

/** Node gives an error, or only its code. */
function trustWords(error: unknown): string {
  const given = error instanceof Error ? error : { code: error };
  return tlsWords(given) ?? `the certificate is not trusted: ${error instanceof Error ? error.message : String(error)}`;
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
