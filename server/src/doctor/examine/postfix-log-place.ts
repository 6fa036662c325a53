import { realpath } from "node:fs/promises";
import { command, type Finding, flow, inConfig, inNode, type Mend, shellWord } from "../finding.ts";
import type { Examination, WatchedPostfix } from "../patient.ts";

/** Whether what is read is where Postfix logs to: an instance may have a file or a facility of its own (postconf(5)). */
export const postfixLogPlace: Examination = async (patient) => {
  const findings: Finding[] = [];
  for (const postfix of await patient.postfixes()) {
    const written = postfix.settings.get("maillog_file");
    const read = await Promise.all(pathsOf(postfix).map(realOf));
    findings.push(...judgeLogPlace(postfix, read.includes(await realOf(written))));
  }
  return findings;
};

/** `isRead`: the file that it writes itself is one that the node reads. */
export function judgeLogPlace(postfix: WatchedPostfix, isRead: boolean): Finding[] {
  const { node, name, settings } = postfix;
  const logs = node.collect.filter(({ type }) => type === "postfix-log");
  const [written, facility] = [settings.get("maillog_file"), settings.get("syslog_facility")];
  const what = `${name} log`;
  // What comes over the network or is piped in may be of any file.
  const isOpen = logs.some(
    (log) => !("path" in log && log.path !== undefined) && !("journald" in log && log.journald !== undefined),
  );
  if (logs.length === 0 || isRead || isOpen) return [];
  // A container's program reads what it says there.
  if (written !== "")
    return written.startsWith("/dev/")
      ? []
      : [
          {
            verdict: "missing",
            what,
            says: `maillog_file = ${written}, and no postfix-log of the node reads it`,
            why,
            mend: mendOf(postfix, written),
          },
        ];
  const ofFacility = logs.some((log) => "journald" in log && log.journald !== undefined && isWhole(log.journald));
  if (facility === "" || facility === "mail" || !ofFacility) return [];
  const where = settings.folder === null ? "" : `-c ${shellWord(settings.folder)} `;
  return [
    {
      verdict: "missing",
      what,
      says: `syslog_facility = ${facility}, and of the journal the mail facility is read`,
      why,
      mend: command(`postconf ${where}-e 'syslog_facility = mail' && postfix ${where}reload`),
    },
  ];
}

const why = "Nothing that it logs is seen: of its mail only a listing of the queue tells.";

function mendOf({ node, name, settings: { folder } }: WatchedPostfix, written: string): Mend {
  const log = `- { type: postfix-log, path: ${flow(written)} }`;
  if (folder === null || name === node.id)
    return inNode(node.id, "collect: # in place of the postfix-log that is there", `  ${log}`);
  // What logs into a file of its own is a node of its own.
  return inConfig(
    "nodes: # and its postfix-queue moves here",
    `  - id: ${flow(`${node.id}-${folder.split("/").at(-1) ?? "postfix"}`)}`,
    "    collect:",
    `      ${log}`,
    `      - { type: postfix-queue, every: 30s, command: ${flow(["postqueue", "-c", folder, "-j"])} }`,
  );
}

const isWhole = (journald: { readonly units?: readonly string[] | undefined }): boolean =>
  (journald.units ?? []).length === 0;

const pathsOf = ({ node }: WatchedPostfix): string[] =>
  node.collect.flatMap((each) =>
    each.type === "postfix-log" && "path" in each && each.path !== undefined ? [each.path] : [],
  );

const realOf = (path: string): Promise<string> => realpath(path).catch(() => path);
