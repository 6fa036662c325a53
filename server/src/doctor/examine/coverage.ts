import { mtaOfNode } from "../../config/node.ts";
import { type Finding, inConfig, inNode, ok } from "../finding.ts";
import type { Node, Patient } from "../patient.ts";

/** A node to begin with. */
export const firstNode = [
  "nodes:",
  "  - id: mx1",
  "    ownDomains: [example.org]",
  "    collect:",
  "      - { type: postfix-log, path: /var/log/mail.log }",
  "      - { type: postfix-queue, every: 30s }",
];

/** What each node is watched by, and what that leaves dark. */
export async function coverage({ config }: Patient): Promise<Finding[]> {
  if (config.nodes.length === 0 && config.agent === undefined) {
    const why = "Without a node there is nothing to show.";
    const mend = inConfig(...firstNode);
    return [{ verdict: "missing", what: "nodes", says: "no mail host is watched", why, mend }];
  }
  return config.nodes.flatMap(judgeNode);
}

/** Whose queues can be listed (collect/index.ts). */
const listed: Readonly<Record<string, string | undefined>> = {
  postfix: "{ type: postfix-queue, every: 30s }",
  exim: "{ type: exim-queue, every: 30s }",
  opensmtpd: "{ type: opensmtpd-queue, every: 30s }",
  sendmail: "{ type: sendmail-queue, every: 30s }",
};

export function judgeNode(node: Node): Finding[] {
  const what = `${node.id} collects`;
  const types = node.collect.map(({ type }) => type as string);
  if (types.includes("agent")) return [];
  const mta = mtaOfNode(node);
  const [hasLog, hasQueue] = ["-log", "-queue"].map((end) => types.some((type) => type.endsWith(end)));
  const counters = types.filter((type) => type === "prometheus" || type === "influx-write");
  if (hasLog !== true && hasQueue !== true && counters.length > 0) {
    const says = `only counts of its queues, by ${counters.join(" and ")}`;
    const why =
      "How late its mail is can only be estimated, and is never called on time: no delivery, no client, no cause.";
    const log = "  - { type: postfix-log, path: /var/log/mail.log } # or an agent on that host, or its syslog";
    return [{ verdict: "missing", what, says, why, mend: inNode(node.id, "collect: # and beside what is there", log) }];
  }
  if (hasLog !== true && hasQueue !== true) {
    const says = types.length === 0 ? "nothing at all" : `${types.join(", ")}, neither log nor queue`;
    const why = "How late mail is comes from the log, what waits from both.";
    return [
      {
        verdict: "missing",
        what,
        says,
        why,
        mend: inNode(
          node.id,
          "collect: [{ type: postfix-log, path: /var/log/mail.log }, { type: postfix-queue, every: 30s }]",
        ),
      },
    ];
  }
  if (hasLog !== true) {
    const why =
      "A listing shows what waits, but no delivery, no delay of a stage, no client: most rules have nothing to judge.";
    return [
      {
        verdict: "missing",
        what,
        says: "the queue but no log",
        why,
        mend: inNode(
          node.id,
          `collect: # and beside what is there`,
          `  - { type: ${mta ?? "postfix"}-log, path: /var/log/mail.log }`,
        ),
      },
    ];
  }
  // A listing and the policy protocol are of that host; here they would be another's.
  if (comesBySyslog(node)) return [ofSender(what, node.id, mta ?? "postfix")];
  const line = mta === null ? undefined : listed[mta];
  const findings: Finding[] = [];
  if (hasQueue !== true && line !== undefined) {
    findings.push({
      verdict: "missing",
      what,
      says: "the log but no queue listing",
      why: "What was waiting before Mailtide began, and what left without a line (postsuper -d, a lost log), is then not known.",
      mend: inNode(node.id, "collect: # and beside what is there", `  - ${line}`),
    });
  } else findings.push(ok(what, types.join(", ")));
  if (mta === "postfix" && !types.includes("postfix-policy")) {
    findings.push({
      verdict: "note",
      what,
      says: "Postfix' policy protocol is not used (docs/ways-in.md)",
      why: "By it Postfix says at once when it is overloaded (stress=yes), before the log shows why.",
      mend: inNode(
        node.id,
        "collect: # and beside what is there",
        '  - { type: postfix-policy, listen: "127.0.0.1:10040" }',
        "# main.cf: smtpd_end_of_data_restrictions = check_policy_service { inet:127.0.0.1:10040, timeout=1s, try_limit=1, default_action=DUNNO }",
      ),
    });
  }
  return findings;
}

const comesBySyslog = ({ collect }: Node): boolean =>
  collect.some((each) => "syslog" in each && each.syslog !== undefined) && !collect.some(isListing);

const isListing = ({ type }: { readonly type: string }): boolean => type.endsWith("-queue");

function ofSender(what: string, node: string, mta: string): Finding {
  return {
    verdict: "missing",
    what,
    says: "the log by syslog, and no queue listing",
    why: "What was waiting before Mailtide began, and what left without a line, is not known; what is sent while this server is away is lost. An agent on that host reads both and loses nothing.",
    mend: inNode(
      node,
      `collect: [{ type: agent, mta: ${mta} }] # in place of its syslog; docs/agents.md sets the host up`,
    ),
  };
}
