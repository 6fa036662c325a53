import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { need, temporaryFolder } from "./process.ts";

export interface MadeCertificate {
  readonly certPath: string;
  readonly keyPath: string;
  readonly cert: string;
  readonly key: string;
}
interface Wanted {
  readonly names?: readonly string[];
  /** Days from now; negative: in the past. */
  readonly fromDays?: number;
  readonly untilDays?: number;
  /** Signs itself in place of being signed by the authority. */
  readonly selfSigned?: boolean;
}
export interface Authority {
  /** A file with the authority's own certificate. */
  readonly caPath: string;
  readonly ca: string;
  make(wanted?: Wanted): MadeCertificate;
  remove(): void;
}

/** A certificate authority of the test's own, by openssl. */
export function makeAuthority(): Authority {
  const folder = temporaryFolder("certificates");
  // Servers read their keys as users of their own.
  chmodSync(folder.path, 0o755);
  const place = (name: string): string => join(folder.path, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync(need("openssl", "openssl"), args, { stdio: ["ignore", "ignore", "pipe"], cwd: folder.path });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  writeFileSync(place("index"), "");
  writeFileSync(place("serial"), "01\n");
  writeFileSync(
    place("conf"),
    `[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\nunique_subject=no\ncopy_extensions=copy\n[any]\ncommonName=supplied\n`,
  );
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "30",
    "-subj",
    "/CN=Test authority",
  );
  let made = 0;
  return {
    caPath: place("ca.pem"),
    ca: readFileSync(place("ca.pem"), "utf8"),
    make({ names = ["127.0.0.1"], fromDays = -1, untilDays = 90, selfSigned = false } = {}) {
      made += 1;
      const [cert, key] = [`${made}.pem`, `${made}.key`];
      const alternative = names.map((name) => (/^[\d.]+$/u.test(name) ? `IP:${name}` : `DNS:${name}`)).join(",");
      const subject = ["-subj", `/CN=${names[0] ?? "nobody"}`, "-addext", `subjectAltName=${alternative}`];
      openssl("req", "-new", ...newKey, "-keyout", key, "-out", "request", ...subject);
      const signer = selfSigned ? ["-selfsign", "-keyfile", key] : ["-cert", "ca.pem", "-keyfile", "ca.key"];
      const dates = ["-startdate", stamp(fromDays), "-enddate", stamp(untilDays)];
      openssl("ca", "-batch", "-notext", "-config", "conf", ...signer, ...dates, "-in", "request", "-out", cert);
      chmodSync(place(key), 0o644);
      return {
        certPath: place(cert),
        keyPath: place(key),
        cert: readFileSync(place(cert), "utf8"),
        key: readFileSync(place(key), "utf8"),
      };
    },
    remove: () => folder.remove(),
  };
}

/** `YYYYMMDDHHMMSSZ`, so many days from now. */
const stamp = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]/gu, "").slice(0, 14)}Z`;
