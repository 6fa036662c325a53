import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MadeCertificate } from "./certificates.ts";
import { greeted } from "./postfix.ts";
import {
  freezeAll,
  freePort,
  idsOf,
  need,
  processesOf,
  type RunningProgram,
  runProgram,
  temporaryFolder,
  until,
} from "./process.ts";

export interface RealDovecot {
  readonly imapPort: number;
  readonly imapsPort: number;
  /** Takes mail for `user` by LMTP, whatever the domain and the extension. */
  readonly lmtpPort: number;
  /** Settings of a Postfix that lets it check passwords. */
  readonly sasl: Readonly<Record<string, string>>;
  readonly user: string;
  readonly password: string;
  /** The user's mail, as files (Maildir). */
  readonly maildir: string;
  /** A command of `doveadm` about the user's mailboxes; gives what it prints. */
  doveadm(command: string, ...args: readonly string[]): string;
  /** Puts a message into the user's mailbox. */
  save(message: string): void;
  /** All that runs of it stops in the middle of what it does, until `thaw`. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** After `kill`, on the same ports. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A mailbox server of its own with one user: IMAP in clear with STARTTLS, IMAP in TLS, LMTP, and passwords for Postfix.
 * `settings` are more lines of dovecot.conf.
 */
export async function startDovecot(certificate: MadeCertificate, settings = ""): Promise<RealDovecot> {
  const program = need("dovecot", "dovecot-imapd dovecot-lmtpd");
  need("doveadm", "dovecot-core");
  const folder = temporaryFolder("dovecot");
  chmodSync(folder.path, 0o755);
  const [conf, mail, log] = ["dovecot.conf", "mail", "log"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  const [user, password] = ["mailtide-probe", "geheim"];
  const [imapPort, imapsPort] = [await freePort(), await freePort()];
  const [lmtpPort, authPort] = [await freePort(), await freePort()];
  const { uid, gid } = idsOf("mail") ?? { uid: 8, gid: 8 };
  mkdirSync(mail);
  chownSync(mail, uid, gid);
  writeFileSync(
    conf,
    `base_dir = ${join(folder.path, "run")}
state_dir = ${join(folder.path, "state")}
log_path = ${log}
protocols = imap lmtp
listen = 127.0.0.1
ssl_cert = <${certificate.certPath}
ssl_key = <${certificate.keyPath}
mail_location = maildir:${mail}/%n
first_valid_uid = ${uid}
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
auth_username_format = %Ln
auth_mechanisms = plain login
# Who gives a wrong password is told so at once.
auth_failure_delay = 0
login_trusted_networks =
passdb {
  driver = static
  args = user=${user} password=${password}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${mail}/%n allow_all_users=yes
}
${settings}
${listener("imap-login", "imap", imapPort, "imaps", imapsPort)}
${listener("lmtp", "lmtp", lmtpPort)}
${listener("auth", "postfix", authPort)}
`,
  );
  let running: RunningProgram;
  let frozen: readonly number[] = [];
  const start = async (): Promise<void> => {
    running = runProgram(program, ["-F", "-c", conf]);
    await until("Dovecot greets", async () => (await greeted(imapPort)) && (await greeted(lmtpPort))).catch(
      (error: unknown) => {
        throw new Error(`Dovecot did not start: ${running.output()}`, { cause: error });
      },
    );
  };
  const thaw = (): void => {
    for (const pid of frozen) signalTo(pid, "SIGCONT");
    frozen = [];
  };
  const kill = async (): Promise<void> => {
    thaw();
    const all = processesOf(running.child.pid ?? 0);
    await running.stop("SIGKILL");
    for (const pid of all) signalTo(pid, "SIGKILL");
  };
  await start();
  return {
    imapPort,
    imapsPort,
    lmtpPort,
    sasl: { smtpd_sasl_type: "dovecot", smtpd_sasl_path: `inet:127.0.0.1:${authPort}` },
    user,
    password,
    maildir: join(mail, user),
    doveadm: (command, ...args) =>
      execFileSync("doveadm", ["-c", conf, ...command.split(" "), "-u", user, ...args], {
        encoding: "utf8",
        timeout: 60_000,
      }),
    save: (message) =>
      void execFileSync("doveadm", ["-c", conf, "save", "-u", user], { input: message, timeout: 60_000 }),
    freeze() {
      frozen = processesOf(running.child.pid ?? 0);
      freezeAll(frozen);
    },
    thaw,
    kill,
    start,
    async stop() {
      await kill();
      folder.remove();
    },
  };
}

function listener(service: string, name: string, port: number, tlsName?: string, tlsPort?: number): string {
  const more = tlsName === undefined ? "" : `  inet_listener ${tlsName} {\n    port = ${tlsPort}\n    ssl = yes\n  }\n`;
  return `service ${service} {\n  inet_listener ${name} {\n    address = 127.0.0.1\n    port = ${port}\n  }\n${more}}\n`;
}

/** It may have ended by itself. */
function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    return;
  }
}
