import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { unreadable } from "./unreadable.ts";

/** Paths of PEM files, or the PEM texts themselves. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** What is shown to whoever comes by TLS. Throws in words, which begin with `where`: the key of the configuration. */
export function certificateOf(tls: CertificateFiles, where: string): CertificateFiles {
  const shown = { cert: pem(tls.cert, `${where}.cert`), key: pem(tls.key, `${where}.key`) };
  const isGood = (given: Partial<typeof shown>): boolean => {
    // What is empty is taken for what is not given.
    if (Object.values(given).some((text) => !text.includes("-----BEGIN"))) return false;
    try {
      createSecureContext(given);
      return true;
    } catch {
      return false;
    }
  };
  if (!isGood({ cert: shown.cert })) throw new Error(`${where}.cert: holds no certificate in PEM that can be used`);
  if (!isGood({ key: shown.key })) throw new Error(`${where}.key: holds no key in PEM, without a passphrase`);
  if (!isGood(shown)) throw new Error(`${where}: the key is not the one of the certificate`);
  return shown;
}

/** Throws in words. */
export function pem(textOrPath: string, where: string): string {
  if (textOrPath.includes("-----BEGIN")) return textOrPath;
  try {
    return readFileSync(textOrPath, "utf8");
  } catch (error) {
    const why = unreadable(error as NodeJS.ErrnoException);
    throw new Error(`${where}: ${textOrPath} ${why}`, { cause: error });
  }
}
