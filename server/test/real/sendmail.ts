import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { MadeCertificate } from "./certificates.ts";
import { deviceLog, type RunningJournal } from "./journald.ts";
import { freePort, processesOf, runProgram, said, signalAll, temporaryFolder, until } from "./process.ts";
import { speakSmtp } from "./smtp-client.ts";
import { unpacked } from "./unpacked.ts";

/** An own Sendmail: its daemon, and the submission program with a queue of its own. */
export interface RunningSendmail {
  readonly smtpPort: number;
  readonly listCommand: readonly string[];
  /** Of the submission queue. */
  readonly listSubmitted: readonly string[];
  /** `sendmail ARGS` of the submission program, as a user hands mail over, be it taken or refused; `input` is the mail. */
  submit(input: string, ...args: readonly string[]): void;
  /** `sendmail ARGS` as an operator runs it: what it prints. */
  operate(...args: readonly string[]): string;
  /** What a shell of its administrator prints for a command line. */
  shell(line: string): Promise<string>;
  stop(): Promise<void>;
}

export interface SendmailOptions {
  readonly journal: RunningJournal;
  /** Mail to all domains but a few goes there. */
  readonly nextHopPort: number;
  /** Nobody listens there: mail to refused.test. unknown.test is a host that does not exist. */
  readonly deadPort: number;
  /** A milter that every mail is shown to. */
  readonly milterPort?: number;
  /** What it shows to clients that ask for TLS. */
  readonly certificate?: MadeCertificate;
  /** Queue groups by name, and how many recipients an envelope in them may have; 0: any. Mail to big.test is for big. */
  readonly queueGroups?: Readonly<Record<string, number>>;
  /** How often it goes through its queue, as Sendmail writes it; `1s` where it is not stated. */
  readonly queueRun?: string;
  /** 9, as it is shipped, where it is not stated. */
  readonly logLevel?: number;
  /** Lines of an aliases file. */
  readonly aliases?: readonly string[];
}

/** Numbers that no Debian package takes. */
const submissionId = 59_904;
const userId = 59_905;

/** Its users and programs are where it was compiled to look for them: a mount name space in which these places are ours. */
export async function startSendmail(options: SendmailOptions): Promise<RunningSendmail> {
  const root = unpacked("sendmail");
  const folder = temporaryFolder("sendmail");
  chmodSync(folder.path, 0o755);
  const smtpPort = await freePort();
  const at = (name: string): string => join(folder.path, name);
  const file = (name: string, text: string): string => {
    writeFileSync(at(name), text);
    return at(name);
  };
  mkdirSync(at("queue"), { mode: 0o700 });
  for (const name of Object.keys(options.queueGroups ?? {})) mkdirSync(at(`queue/${name}`), { mode: 0o700 });
  mkdirSync(at("submitted"));
  chownSync(at("submitted"), submissionId, submissionId);
  chmodSync(at("submitted"), 0o770);
  mkdirSync(at("tls"));
  if (options.certificate !== undefined) {
    file("tls/cert.pem", options.certificate.cert);
    writeFileSync(at("tls/key.pem"), options.certificate.key, { mode: 0o600 });
  }
  const places = { ...options, folder: folder.path, smtpPort };
  file("sendmail.mc", daemon(places));
  file("submit.mc", submission(places));
  if (options.aliases !== undefined) file("aliases", options.aliases.map((line) => `${line}\n`).join(""));
  file("service.switch", "hosts files\naliases files\n");
  // A host that has no name with a dot waits for one.
  file("hosts", `127.0.0.1 localhost\n127.0.0.1 mx.test ${hostname()}\n`);
  file("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
  const users = [
    ["smmsp", submissionId],
    ["anna", userId],
    ["postmaster", userId + 1],
    ["mailer-daemon", userId + 2],
  ] as const;
  const passwd = users.map(([name, id]) => `${name}:x:${id}:${id}::/:/bin/sh\n`).join("");
  file("passwd", readFileSync("/etc/passwd", "utf8") + passwd);
  file("group", readFileSync("/etc/group", "utf8") + users.map(([name, id]) => `${name}:x:${id}:\n`).join(""));
  const script = [
    "set -e",
    ...["passwd", "group", "hosts", "nsswitch.conf"].map((name) => `mount --bind '${at(name)}' /etc/${name}`),
    `mount -t overlay overlay -o 'lowerdir=${root}/usr:/usr' /usr`,
    "mount -t tmpfs none /var/mail",
    deviceLog(folder.path, options.journal.devLog),
    ...["sendmail", "submit"].map((name) => `m4 '${at(name)}.mc' > '${at(name)}.cf'`),
    ...(options.aliases === undefined ? [] : [`${program} -bi -C '${at("sendmail.cf")}'`]),
    `exec ${program} -bD -q${options.queueRun ?? "1s"} -L sm-mta -C '${at("sendmail.cf")}'`,
  ];
  const running = runProgram("unshare", ["-m", "--propagation", "private", "sh", "-c", script.join("\n")]);
  const within = ["nsenter", `--mount=/proc/${running.child.pid}/ns/mnt`, program];
  const stop = async (): Promise<void> => {
    const [, ...children] = processesOf(running.child.pid ?? 0);
    await running.stop("SIGTERM");
    signalAll(children, "SIGKILL");
    folder.remove();
  };
  const greets = async (): Promise<boolean> => {
    if (running.child.exitCode !== null) throw new Error(`sendmail ended: ${running.output()}`);
    return (await speakSmtp(smtpPort, ["QUIT"])).length > 0;
  };
  try {
    await until("Sendmail to greet", greets);
  } catch (error) {
    await stop();
    throw error;
  }
  const submitted = [...within, "-C", at("submit.cf"), "-Ac"];
  return {
    smtpPort,
    listCommand: [...within, "-C", at("sendmail.cf"), "-bp"],
    listSubmitted: [...submitted, "-bp"],
    operate: (...args) =>
      spawnSync("nsenter", [...within.slice(1), "-C", at("sendmail.cf"), ...args], {
        encoding: "utf8",
        timeout: 60_000,
      }).stdout,
    shell: (line) => {
      const asInstalled = `sendmail() { ${program} -C '${at("sendmail.cf")}' "$@"; }`;
      return said("nsenter", [...within.slice(1, 2), "sh", "-c", `${asInstalled}\n${line}`]);
    },
    submit: (input, ...args) =>
      void spawnSync("nsenter", [...submitted.slice(1), "-L", "sendmail", ...args], { input, timeout: 60_000 }),
    stop,
  };
}

const program = "/usr/libexec/sendmail/sendmail";

interface Places extends SendmailOptions {
  readonly folder: string;
  readonly smtpPort: number;
}

/** However busy the machine is, mail is taken and delivered at once: Sendmail itself would wait until it has less to do. */
const head = ({ folder }: Places): string => `divert(-1)
include(\`/usr/share/sendmail/cf/m4/cf.m4')
divert(0)
OSTYPE(\`linux')
define(\`confDOMAIN_NAME', \`mx.test')
define(\`confSERVICE_SWITCH_FILE', \`${folder}/service.switch')
define(\`confDONT_PROBE_INTERFACES', \`True')
define(\`confTO_IDENT', \`0')
define(\`confQUEUE_LA', \`10000')
define(\`confREFUSE_LA', \`10000')
`;

/** Urgent mail is given back after a few seconds. */
const daemon = (places: Places): string => {
  const queueGroups = Object.entries(places.queueGroups ?? {});
  return `${head(places)}define(\`confPID_FILE', \`${places.folder}/pid')
define(\`QUEUE_DIR', \`${places.folder}/queue')
define(\`STATUS_FILE', \`${places.folder}/statistics')
define(\`HELP_FILE', \`/dev/null')
${places.aliases === undefined ? "undefine(`ALIAS_FILE')" : `define(\`ALIAS_FILE', \`${places.folder}/aliases')`}
define(\`confDONT_BLAME_SENDMAIL', \`TrustStickyBit')
define(\`confMAX_MESSAGE_SIZE', \`20000')
define(\`confLOG_LEVEL', \`${places.logLevel ?? 9}')
define(\`confTO_CONNECT', \`60s')
define(\`confTO_QUEUERETURN_URGENT', \`5s')
define(\`confTO_QUEUEWARN_URGENT', \`2s')
define(\`ESMTP_MAILER_ARGS', \`TCP $h ${places.nextHopPort}')
define(\`RELAY_MAILER_ARGS', \`TCP $h ${places.deadPort}')
FEATURE(\`local_lmtp', \`/usr/libexec/sendmail/mail.local')
FEATURE(\`no_default_msa')
FEATURE(\`nocanonify')
FEATURE(\`accept_unresolvable_domains')
DAEMON_OPTIONS(\`Name=MTA, Addr=127.0.0.1, Port=${places.smtpPort}')
${places.milterPort === undefined ? "" : `INPUT_MAIL_FILTER(\`filter', \`S=inet:${places.milterPort}@127.0.0.1, T=C:60s;S:60s;R:60s;E:60s')`}
${places.certificate === undefined ? "" : tls(places.folder)}
${queueGroups.map(([name, most]) => `QUEUE_GROUP(\`${name}', \`P=${places.folder}/queue/${name}, F=f, r=${most}')\n`).join("")}MAILER(\`local')
MAILER(\`smtp')
LOCAL_CONFIG
Cwlocal.test
HX-Word: $>CheckWord
LOCAL_RULE_0
R$+ < @ $=w . > $*	$#local $: $1
R$+ < @ $=w > $*	$#local $: $1
R$+ < @ refused.test $* > $*	$#relay $@ [127.0.0.1] $: $1 < @ refused.test $2 > $3
R$+ < @ unknown.test $* > $*	$#esmtp $@ unknown.test $: $1 < @ unknown.test $2 > $3
R$+ < @ $+ > $*	$#esmtp $@ [127.0.0.1] $: $1 < @ $2 > $3
LOCAL_RULESETS
SLocal_check_rcpt
R<refused@$+>	$#error $@ 5.7.1 $: "550 not here"
R<later@$+>	$#error $@ 4.7.1 $: "451 not now"
R<doubtful@$+>	$#error $@ quarantine $: "to be looked at"
SCheckWord
R$* bad $*	$#error $@ 5.7.1 $: "553 no such words"
R$* void $*	$#discard $: discard
Squeuegroup
${queueGroups.map(([name]) => `R$* @ ${name}.test	$# ${name}\n`).join("")}R$*	$# mqueue
`;
};

/** Its key may be read by nobody else. */
const tls = (folder: string): string => `define(\`confSERVER_CERT', \`${folder}/tls/cert.pem')
define(\`confSERVER_KEY', \`${folder}/tls/key.pem')
define(\`confCACERT', \`${folder}/tls/cert.pem')
define(\`confCACERT_PATH', \`${folder}/tls')`;

const submission = (places: Places): string => `${head(places)}define(\`MSP_QUEUE_DIR', \`${places.folder}/submitted')
define(\`confPID_FILE', \`${places.folder}/submitted/pid')
define(\`MSP_STATUS_FILE', \`${places.folder}/submitted/statistics')
define(\`confRUN_AS_USER', \`smmsp:smmsp')
define(\`confTRUSTED_USER', \`smmsp')
define(\`RELAY_MAILER_ARGS', \`TCP $h ${places.smtpPort}')
FEATURE(\`msp', \`[127.0.0.1]')
`;
