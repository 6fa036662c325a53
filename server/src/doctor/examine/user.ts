import { command, type Finding } from "../finding.ts";
import type { Patient } from "../patient.ts";

/** Who looks is who may read: root sees more than the service will. */
export async function user({ configPath }: Patient): Promise<Finding[]> {
  return process.getuid?.() === 0 ? [judgeRoot(configPath)] : [];
}

export function judgeRoot(configPath: string | null): Finding {
  const flag = configPath === null ? "" : ` --config ${configPath}`;
  return {
    verdict: "note",
    what: "user",
    says: "you are root: what the user that Mailtide runs as may read was not tried",
    why: "Its service user has to be in the groups that own the log (adm on Debian) and the queue listing (postdrop).",
    mend: command(
      "usermod --append --groups adm,postdrop mailtide",
      `runuser -u mailtide -- npx mailtide doctor${flag}`,
    ),
  };
}
