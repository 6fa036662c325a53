import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MadeCertificate } from "./certificates.ts";
import { freePort, freezeAll, need, type RunningProgram, runProgram, temporaryFolder, until } from "./process.ts";

export interface RealSlapd {
  readonly port: number;
  readonly tlsPort: number;
  /** How many files, connections among them, it may have open from now on. */
  limitFiles(most: number): void;
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** After `kill`, on the same ports; `settings` are added to the global part of slapd.conf, `overlay` to the database's. */
  start(settings?: string, overlay?: string): Promise<void>;
  stop(): Promise<void>;
}

export const suffix = "dc=example,dc=test";
export const reader = { dn: `cn=reader,${suffix}`, password: "geheim" };
export const admin = { dn: `cn=admin,${suffix}`, password: "geheim" };

/**
 * A directory of its own: people u0 to u29 below ou=people, whose names the reader may see, and nothing else. Without a
 * certificate it is not set up for TLS, on the port for it too.
 */
export async function startSlapd(certificate: MadeCertificate | null): Promise<RealSlapd> {
  const program = need("slapd", "slapd");
  const folder = temporaryFolder("slapd");
  const [port, tlsPort] = [await freePort(), await freePort()];
  const conf = join(folder.path, "slapd.conf");
  const data = join(folder.path, "data");
  mkdirSync(data);
  const configure = (settings: string, overlay: string): void =>
    writeFileSync(
      conf,
      `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload retcode
${certificate === null ? "" : `TLSCertificateFile ${certificate.certPath}\nTLSCertificateKeyFile ${certificate.keyPath}`}
${settings}
database mdb
maxsize 10485760
suffix "${suffix}"
rootdn "${admin.dn}"
rootpw ${admin.password}
directory ${data}
access to dn.subtree="ou=people,${suffix}" attrs=entry,objectClass,uid by dn.exact="${reader.dn}" read by * break
access to * by anonymous auth
${overlay}
`,
    );
  const add = (entries: string): void => {
    execFileSync(
      need("ldapadd", "ldap-utils"),
      ["-x", "-H", `ldap://127.0.0.1:${port}`, "-D", admin.dn, "-w", admin.password],
      { input: entries, stdio: ["pipe", "ignore", "pipe"], timeout: 60_000 },
    );
  };
  let running: RunningProgram;
  const start = async (settings = "", overlay = ""): Promise<void> => {
    configure(settings, overlay);
    const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
    running = runProgram(program, ["-d", "0", "-f", conf, "-h", urls]);
    const asked = ["-x", "-H", `ldap://127.0.0.1:${port}`, "-D", admin.dn, "-w", admin.password];
    // Whatever it answers; 255: there is nobody to ask.
    await until(
      "slapd answers",
      () => spawnSync(need("ldapwhoami", "ldap-utils"), asked, { stdio: "ignore", timeout: 60_000 }).status !== 255,
    ).catch((error: unknown) => {
      throw new Error(`slapd did not start: ${running.output()}`, { cause: error });
    });
  };
  await start();
  const people = Array.from(
    { length: 30 },
    (_, at) => `dn: uid=u${at},ou=people,${suffix}\nobjectClass: account\nuid: u${at}\n`,
  );
  add(
    [
      `dn: ${suffix}\nobjectClass: domain\ndc: example\n`,
      `dn: ou=people,${suffix}\nobjectClass: organizationalUnit\nou: people\n`,
      `dn: ou=moved,${suffix}\nobjectClass: referral\nobjectClass: extensibleObject\nou: moved\nref: ldap://other.test/ou=moved,${suffix}\n`,
      `dn: ${reader.dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\nuserPassword: ${reader.password}\n`,
      ...people,
    ].join("\n"),
  );
  return {
    port,
    tlsPort,
    limitFiles: (most) =>
      void execFileSync(need("prlimit", "util-linux"), [`--pid=${running.child.pid}`, `--nofile=${most}:${most}`]),
    freeze: () => freezeAll([running.child.pid ?? 0]),
    thaw: () => void running.child.kill("SIGCONT"),
    kill: () => running.stop("SIGKILL"),
    start,
    async stop() {
      await running.stop("SIGKILL");
      folder.remove();
    },
  };
}
