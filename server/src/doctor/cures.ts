import { userInfo } from "node:os";
import { command, type Finding, inFile, type Mend, shellWord } from "./finding.ts";

interface Cure {
  readonly symptom: RegExp;
  /** What an operator loses until then. */
  readonly why: string;
  mend(found: RegExpExecArray, user: string): Mend;
}

const join = (group: string, user: string): Mend =>
  command(`usermod --append --groups ${shellWord(group)} ${shellWord(user)} # then start Mailtide again`);

const unseen = "Who holds a lock that mail waits for is not seen, and so not named.";

/** What collectors say when they fail or see too little, and the one thing that mends it; the first that fits. */
const cures: readonly Cure[] = [
  {
    symptom: /add it to the group ([^\s,]+)/,
    why: "Until then nothing is known of what this log tells.",
    mend: ([, group = ""], user) => join(group, user),
  },
  {
    symptom: /Mail system is down/i,
    why: "A Postfix that does not run delivers nothing.",
    mend: () => command("postfix start"),
  },
  {
    symptom: /not authorized|authorized_mailq_users|Permission denied|not allowed to/i,
    why: "Until then what waits is known only as far as the log tells.",
    mend: (_found, user) => join("postdrop", user),
  },
  {
    symptom: /the role is not in pg_monitor/,
    why: unseen,
    mend: () => inDatabase("GRANT pg_monitor TO mailtide; -- the role of privileged"),
  },
  {
    symptom: /PROCESS.*\(1227\)/,
    why: unseen,
    mend: () => inDatabase("GRANT PROCESS ON *.* TO mailtide@'%'; -- the role of privileged"),
  },
  {
    symptom: /plugin metadata_lock_info is not loaded/,
    why: unseen,
    mend: () => inDatabase("INSTALL SONAME 'metadata_lock_info';"),
  },
  {
    symptom: /the user may not INFO/,
    why: "Memory that runs full, replicas and failed snapshots are not seen before they stop mail.",
    mend: () => inDatabase("ACL SETUSER mailtide +ping +info"),
  },
  {
    symptom: /the user may not (PING|write)/,
    why: "Until then nothing is known of this Redis.",
    mend: ([, right]) =>
      inDatabase(
        right === "PING" ? "ACL SETUSER mailtide +ping +info" : "ACL SETUSER mailtide +set ~THE-KEY-OF-THE-CANARY",
      ),
  },
  {
    symptom: /spawn (\S+) ENOENT/,
    why: "The program that lists the queue is not on the path of this user.",
    mend: ([, program = ""]) =>
      inFile("mailtide.yaml, in that collector", `command: [/PATH/TO/${program.split("/").at(-1) ?? ""}, ...]`),
  },
  {
    symptom: /(\/\S+) does not exist/,
    why: "Either the MTA logs elsewhere, or the system's logger writes no mail log (Debian 12 has only the journal until rsyslog is installed).",
    mend: () =>
      inFile("mailtide.yaml, in that collector, where the journal has the mail", "journald: {} # in place of path"),
  },
];

const inDatabase = (statement: string): Mend => ({
  where: "run in the database, as its administrator",
  lines: [statement],
});

/** A finding with the one thing that mends it, where one is known. */
export function withCure(finding: Finding, user = userName()): Finding {
  if (finding.verdict === "ok" || finding.mend !== undefined) return finding;
  for (const { symptom, why, mend } of cures) {
    const found = symptom.exec(finding.says);
    if (found !== null) return { ...finding, why, mend: mend(found, user) };
  }
  return finding;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "mailtide");
  }
}
