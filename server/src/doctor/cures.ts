import { userInfo } from "node:os";
import type { Cure } from "./cure.ts";
import { command, type Finding, inFile, type Mend, shellWord } from "./finding.ts";
import { probeCures } from "./probe-cures.ts";
import { unreachedCures } from "./unreached-cures.ts";

const join = (group: string, user: string): Mend =>
  command(`usermod --append --groups ${shellWord(group)} ${shellWord(user)} # then start Mailtide again`);

/** What collectors say when they fail or see too little, and the one thing that mends it; the first that fits. */
const cures: readonly Cure[] = [
  ...probeCures,
  {
    symptom: /add it to the group ([^\s,]+)/,
    why: "Until then nothing is known of what this log tells.",
    mend: ([, group = ""], user) => join(group, user),
  },
  {
    symptom: /may not read (\/\S+)$/,
    why: "Until then nothing is known of what this log tells.",
    mend: ([, path = ""], user) =>
      command(`setfacl --modify u:${shellWord(user)}:r ${shellWord(path)} # and for those to come, in who makes them`),
  },
  {
    symptom: /nothing has come by syslog from/,
    why: "Until then nothing is known of this host: either it sends nothing, or from another address, or a firewall drops it.",
    mend: () =>
      inFile(
        "/etc/rsyslog.d/90-mailtide.conf on that host, with the port of syslog.tcp; then systemctl restart rsyslog",
        'mail.* action(type="omfwd" target="MAILTIDE-HOST" port="5514" protocol="tcp" queue.type="LinkedList" action.resumeRetryCount="-1")',
      ),
  },
  {
    symptom: /Mail system is down/i,
    why: "A Postfix that does not run delivers nothing.",
    mend: () => command("postfix start"),
  },
  {
    // Exim has no group for this: who is no administrator of it may list the queue, or may not.
    symptom: /exim\d?\b.*permission denied/is,
    why: "Until then what waits is known only as far as the log tells.",
    mend: () =>
      inFile("Exim's main configuration, or run Mailtide as a user of its group", "queue_list_requires_admin = false"),
  },
  {
    symptom: /not authorized|authorized_mailq_users|Permission denied|not allowed to/i,
    why: "Until then what waits is known only as far as the log tells.",
    mend: (_found, user) => join("postdrop", user),
  },
  {
    symptom: /there is no program (\S+)/,
    why: "The MTA is not installed here, or what lists its queue is not on the path of this user.",
    mend: ([, program = ""]) =>
      inFile("mailtide.yaml, in that collector", `command: [/PATH/TO/${program.split("/").at(-1) ?? ""}, ...]`),
  },
  {
    of: /-log$/,
    symptom: /(\/\S+) does not exist/,
    why: "Either the MTA logs elsewhere, or the system's logger writes no mail log (Debian 12 has only the journal until rsyslog is installed).",
    mend: () =>
      inFile("mailtide.yaml, in that collector, where the journal has the mail", "journald: {} # in place of path"),
  },
  ...unreachedCures,
];

/** A finding with the one thing that mends it, where one is known. */
export function withCure(finding: Finding, user = userName()): Finding {
  if (finding.verdict === "ok" || finding.mend !== undefined) return finding;
  for (const { of, symptom, why, mend } of cures) {
    const found = of?.test(finding.what) === false ? null : symptom.exec(finding.says);
    if (found !== null) return { ...finding, why, mend: mend(found, user) };
  }
  return finding;
}

/** Who should own what Mailtide writes: this user, unless root only tries it. */
export const serviceUser = (): string => (process.getuid?.() === 0 ? "mailtide" : userName());

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "mailtide");
  }
}
