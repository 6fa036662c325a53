import { quarantineOf } from "../../collect/mta/sendmail/quarantine.ts";
import { type Finding, flow, inNode, ok } from "../finding.ts";
import type { Node, Patient } from "../patient.ts";

/** Whether the queue of a Sendmail is listed with what is quarantined. */
export async function sendmail({ config: { nodes } }: Patient): Promise<Finding[]> {
  return nodes.flatMap(judgeSendmail);
}

export function judgeSendmail({ id, collect }: Node): Finding[] {
  const what = `${id} quarantine`;
  return collect.flatMap((each): Finding[] => {
    if (each.type !== "sendmail-queue") return [];
    const { command } = each;
    if (quarantineOf(command) !== null || command.some((word) => word.includes("-qQ")))
      return [ok(what, "listed with the queue")];
    const listed = flow(["sh", "-c", "sendmail -bp && sendmail -bp -qQ"]);
    return [
      {
        verdict: "missing",
        what,
        says: `not listed by ${command.join(" ")}`,
        why: "Mail that is quarantined then looks as if it had left without a word.",
        mend: inNode(id, `  - { type: sendmail-queue, command: ${listed} }`),
      },
    ];
  });
}
