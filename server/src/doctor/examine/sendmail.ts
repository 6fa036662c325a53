import { readFile } from "node:fs/promises";
import { quarantineOf } from "../../collect/mta/sendmail/quarantine.ts";
import { mtaOfNode } from "../../config/node.ts";
import { type Finding, flow, inFile, inNode, ok } from "../finding.ts";
import { isHere, type Node, type Patient } from "../patient.ts";

/** Whether the queue of a Sendmail is listed with what is quarantined, and its log says what Mailtide needs. */
export async function sendmail({ config: { nodes } }: Patient): Promise<Finding[]> {
  const here = nodes.find((node) => mtaOfNode(node) === "sendmail" && isHere(node));
  const settings = here && (await readFile("/etc/mail/sendmail.cf", "latin1").catch(() => null));
  const level = here && typeof settings === "string" ? judgeLogLevel(`${here.id} sendmail`, settings) : [];
  return [...nodes.flatMap(judgeSendmail), ...level];
}

/** What is missing below each level, as 8.17 was tried; the operations guide has the levels too. */
const lostBelow: readonly (readonly [level: number, what: string])[] = [
  [9, "what is put off and why, and under which ids a mail goes on that is split over queue files"],
  [8, "what is delivered"],
  [7, "which deliveries fail"],
  [6, "what is given back"],
  [5, "what comes in"],
  [4, "what a rule refuses"],
];

/** From sendmail.cf, where the last word on it counts. */
export function judgeLogLevel(what: string, settings: string): Finding[] {
  const stated = [...settings.matchAll(/^O[ \t]*LogLevel[ \t]*=[ \t]*(\d{1,4})/gm)].at(-1)?.[1];
  const level = Number(stated ?? 9);
  const lost = lostBelow.filter(([least]) => level < least).map(([, each]) => each);
  if (lost.length === 0) return [ok(what, `LogLevel ${level}`)];
  return [
    {
      verdict: level < 8 ? "FAILS" : "missing",
      what,
      says: `LogLevel is ${level}: its log does not say ${lost.join("; nor ")}`,
      why:
        level < 8
          ? "Mail then never seems to leave: how late it is cannot be told."
          : "What others put off then looks as if it waited for us, and a mail that is split as if some of it did for ever.",
      mend: inFile(
        "/etc/mail/sendmail.mc, then run make -C /etc/mail and restart it",
        "define(`confLOG_LEVEL', `9')dnl",
      ),
    },
  ];
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
