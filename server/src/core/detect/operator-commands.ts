import type { NodeId } from "@mailtide/shared";
import { plainPath } from "../text/plain-path.ts";

/**
 * What an operator types on a host of this MTA. Commands are built from fixed words; a domain goes in only when it is a plain
 * name. What an MTA has no safe command for is missing.
 */
export interface OperatorCommands {
  /** As people call it; empty where nobody knows which one it is. */
  readonly name: string;
  readonly showQueue: string;
  /** Whether it runs, and what it complains about. */
  readonly check?: string;
  /** Wakes up to `count` sleeping messages. All at once would throw the whole backlog at the host that just recovered. */
  flushStaged?(count: number): string;
  flushDestination?(domain: string): string;
  readonly showRestrictions?: string;
  /** The setting that refuses outside mail from our own addresses. */
  readonly refuseOwnSenders?: string;
  /** What turns new sources away early. */
  readonly limitSources?: string;
}

/** In a regular expression; a plain domain name has nothing else that means something there. */
const quoted = (domain: string): string => domain.replaceAll(".", "[.]");

/**
 * Of the instances whose configuration is in these folders (postmulti(1), postqueue(1)); null is that which is there by
 * default. In a shell of its own: what is typed there later must not speak to another instance than it says.
 */
function postfixAt(folders: readonly (string | null)[]): OperatorCommands {
  const at = (line: string): string => {
    const [first, ...more] = folders;
    if (more.length > 0) {
      const places = folders.map((folder) => folder ?? '"$(postconf -h config_directory)"');
      return `(for MAIL_CONFIG in ${places.join(" ")}; do export MAIL_CONFIG; echo "== $MAIL_CONFIG"; ${line}; done)`;
    }
    return typeof first === "string" ? `(export MAIL_CONFIG=${first}; ${line})` : line;
  };
  // An instance logs under the name of its own.
  const logger = folders.some((folder) => folder !== null) ? '"$(postconf -xh syslog_name)"' : "postfix";
  return {
    name: "Postfix",
    showQueue: at("postqueue -p | tail -n 50"),
    check: at(`postfix status; journalctl -t ${logger}/master -t ${logger}/qmgr -n 50 --no-pager`),
    flushStaged: (count) =>
      at(`postqueue -p | awk '/^[0-9A-Za-z]+ /{print $1}' | head -n ${count} | xargs -r -n 1 postqueue -i`),
    // `postqueue -s` knows only destinations for which fast flush is set up.
    flushDestination: (domain) =>
      at(
        `postqueue -j | grep -iE '"address": "[^"]*@${quoted(domain)}"' | sed -E 's/.*"queue_id": "([^"]*)".*/\\1/' | xargs -r -n 1 postqueue -i`,
      ),
    showRestrictions: at("postconf -n | grep -E '^(smtpd_.*_restrictions|smtpd_sender_login_maps|postscreen_)'"),
    refuseOwnSenders: "reject_unauthenticated_sender_login_mismatch",
    limitSources: "postscreen",
  };
}
const postfix = postfixAt([]);

/** exim(8), exiqsumm(8), exiqgrep(8), exiwhat(8). `-M` would thaw what is frozen, so that is left out. */
const exim: OperatorCommands = {
  name: "Exim",
  showQueue: "exim -bpr | exiqsumm -c",
  check: "exiwhat; exim -bpc",
  flushStaged: (count) => `exiqgrep -x -i -r @ | head -n ${count} | xargs -r -n 1 -P 10 exim -M`,
  flushDestination: (domain) => `exim -Rf @${domain}`,
  showRestrictions: "exim -bP acl_smtp_connect acl_smtp_helo acl_smtp_mail acl_smtp_rcpt acl_smtp_data",
  limitSources: "smtp_accept_max_per_host, ratelimit",
};

/** smtpctl(8); a line of `show queue` begins with the envelope's id, its sixth field is the recipient. */
const opensmtpd: OperatorCommands = {
  name: "OpenSMTPD",
  showQueue: "smtpctl show queue | tail -n 50",
  check: "smtpctl show status; smtpctl show stats",
  flushStaged: (count) => `smtpctl show queue | cut -d '|' -f 1 | head -n ${count} | xargs -r -n 1 smtpctl schedule`,
  flushDestination: (domain) =>
    `smtpctl show queue | awk -F '|' 'tolower($6) ~ /@${quoted(domain)}$/ {print $1}' | xargs -r -n 1 smtpctl schedule`,
};

/** sendmail(8): what its processes do stands in their titles. */
const sendmail: OperatorCommands = {
  name: "Sendmail",
  showQueue: "sendmail -bp | tail -n 50",
  check: "ps -eo pid,etime,args | grep '[s]endmail'",
  flushStaged: (count) => `sendmail -O MaxQueueRunSize=${count} -q`,
  flushDestination: (domain) => `sendmail -qR@${domain}`,
  limitSources: "conncontrol, ratecontrol",
};

const haraka: OperatorCommands = {
  name: "Haraka",
  showQueue: "haraka -c /etc/haraka --qlist | tail -n 50",
  check: "haraka -c /etc/haraka --qstat",
};

/** From its documentation. */
const kumomta: OperatorCommands = {
  name: "KumoMTA",
  showQueue: "kcli queue-summary",
  check: "systemctl status kumomta --no-pager",
  flushDestination: (domain) => `kcli rebind --domain ${domain} --always-flush --reason 'tried again by hand'`,
};

/** Postfix, Exim, Sendmail and OpenSMTPD all bring it. */
const anyMta: OperatorCommands = { name: "", showQueue: "mailq | tail -n 50" };

const byMta: Readonly<Record<string, OperatorCommands>> = { postfix, exim, opensmtpd, sendmail, haraka, kumomta };

/** Of an MTA that is not known, what most have in common. */
export const operatorCommands = (mta: string | null): OperatorCommands =>
  mta !== null && Object.hasOwn(byMta, mta) ? (byMta[mta] as OperatorCommands) : anyMta;

/** The same for a host. */
export function commandsAt({ mta, postfixFolders = [] }: HostMta): OperatorCommands {
  if (mta !== "postfix" || postfixFolders.length === 0) return operatorCommands(mta);
  const folders = postfixFolders.filter((folder) => folder === null || plainPath.test(folder));
  return folders.length === 0 ? postfix : postfixAt(folders.slice(0, mostFolders));
}

/** More make no command that anybody reads. */
const mostFolders = 5;

/** Which MTA runs on a node; null where nothing says it. */
export interface HostMta {
  readonly node: NodeId;
  readonly mta: string | null;
  /** Configuration folders of the Postfix instances there; null is the one that is there by default. */
  readonly postfixFolders?: readonly (string | null)[];
}
