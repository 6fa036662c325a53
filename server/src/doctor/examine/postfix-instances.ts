import { readPostfix } from "../../host/postconf.ts";
import { type Finding, flow, inConfig } from "../finding.ts";
import type { Examination } from "../patient.ts";

interface Instances {
  /** Configuration folders of the host's instances, the main one first. */
  readonly folders: readonly string[];
  /** Those of which a node lists the queue. */
  readonly collected: readonly string[];
}

/** Instances of postmulti(1) that no node collects. */
export const postfixInstances: Examination = async (patient) => {
  const postfixes = await patient.postfixes();
  if (postfixes.length === 0) return [];
  const main = await readPostfix(null);
  if (main === null) return [];
  const own = main.get("config_directory");
  const more = main
    .get("multi_instance_directories")
    .split(/[\s,]+/)
    .filter((folder) => folder.startsWith("/"));
  const collected = postfixes.map(({ settings }) => settings.folder ?? own);
  return judgeInstances({ folders: [own, ...more], collected });
};

export function judgeInstances({ folders, collected }: Instances): Finding[] {
  // A node of which only another folder is named says that the main instance is nobody's here.
  const [, ...more] = folders;
  return more
    .filter((folder) => !collected.includes(folder))
    .map((folder) => ({
      verdict: "missing",
      what: `postfix ${folder}`,
      says: "an instance of this host (multi_instance_directories) that no node collects",
      why: "Mail that waits there is on no screen: it only looks as if it had left.",
      mend: inConfig(
        "nodes:",
        `  - id: ${flow(folder.split("/").at(-1) ?? "postfix")}`,
        "    collect:",
        "      - { type: postfix-log, path: /var/log/mail.log } # where this instance logs to",
        `      - { type: postfix-queue, every: 30s, command: ${flow(["postqueue", "-c", folder, "-j"])} }`,
      ),
    }));
}
