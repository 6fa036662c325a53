import { mtaOfNode } from "../../config/node.ts";
import { run } from "../../host/run.ts";
import { type Finding, inFile, ok } from "../finding.ts";
import { isHere, type Patient } from "../patient.ts";

/** Log selectors that Exim leaves out as shipped and Mailtide uses, and what for (Exim's specification, 53.15). */
const wanted: Readonly<Record<string, string>> = {
  received_recipients: "who a message is for, before the first delivery",
  queue_time_overall: "how long a message was here in all, when it is completed",
  deliver_time: "how long a delivery itself took",
  incoming_port: "which port of a balancer a client came through",
};

/** What Exim's log leaves out. */
export async function exim({ config: { nodes } }: Patient): Promise<Finding[]> {
  const here = nodes.filter((node) => mtaOfNode(node) === "exim" && isHere(node));
  const [first] = here;
  if (first === undefined) return [];
  // Red Hat and the sources call it exim.
  const asked = ["-bP", "log_selector", "log_timezone", "log_file_path", "syslog_duplication", "syslog_pid"];
  const told = await run("exim4", asked);
  const again = told.ok ? told : await run("exim", asked);
  const what = `${first.id} exim`;
  if (!again.ok) return [{ verdict: "note", what, says: `its settings cannot be asked: ${again.why}` }];
  const isFile = first.collect.some((each) => each.type === "exim-log" && each.path !== undefined);
  return [
    ...judgeExim(what, again.stdout),
    ...(isFile ? [...judgeCopies(what, again.stdout), ...judgeDated(what, again.stdout)] : []),
    ...judgeProcess(what, again.stdout),
  ];
}

/** From what `exim -bP log_file_path syslog_duplication` prints, of an Exim whose log is read from a file. */
export function judgeCopies(what: string, printed: string): Finding[] {
  if (!logsBySyslog(printed) || !/^no_syslog_duplication$/m.test(printed)) return [];
  return [
    {
      verdict: "note",
      what,
      says: "syslog_duplication is off, and where its log goes through syslog into a file, no line says of which log it is",
      why: "Two refusals in the same words by one process within a second then count as one: they look like the copies that Exim writes otherwise.",
      mend: inFile(
        "Exim's main configuration; or let exim-log read journald or syslog, whose lines say it",
        "syslog_duplication = true",
      ),
    },
  ];
}

/**
 * From what `exim -bP log_file_path` prints, of an Exim whose log is read from a file. One that has written a line by then
 * (log selector `arguments`) prints the name that this line went to, with today's date.
 */
export function judgeDated(what: string, printed: string): Finding[] {
  const path = pathsIn(printed)
    .split(/:\s+/)
    .find((each) => /%[DM]|[^/\d]20\d{4}(?:\d\d)?[^/]*$/.test(each));
  if (path === undefined) return [];
  const plain = path.trim().replace(/[-.]?(?:%[DM]|20\d{4}(?:\d\d)?)/, "");
  return [
    {
      verdict: "missing",
      what,
      says: `log_file_path = ${path.trim()}: each ${path.includes("%M") ? "month" : "day"} Exim begins a file of another name`,
      why: "A collector follows one name: from the next date on it reads a file that nobody writes any more, and everything about this host stands still.",
      mend: inFile(
        "Exim's main configuration, with logrotate to rotate it; then that name as path of exim-log",
        `log_file_path = ${plain.replace(/mainlog$/, "%slog")}`,
      ),
    },
  ];
}

/** From what `exim -bP log_file_path syslog_pid` prints. */
export function judgeProcess(what: string, printed: string): Finding[] {
  if (!logsBySyslog(printed) || !/^no_syslog_pid$/m.test(printed)) return [];
  return [
    {
      verdict: "note",
      what,
      says: "syslog_pid is off: its lines do not say which process wrote them",
      why: "What is too long for a line of syslog's then cannot be put together while several processes write, and of refusals in the same words within a second one counts.",
      mend: inFile("Exim's main configuration", "syslog_pid = true"),
    },
  ];
}

function logsBySyslog(printed: string): boolean {
  return /(?:^|[:\s])syslog(?:$|[:\s])/.test(pathsIn(printed));
}

const pathsIn = (printed: string): string => /^log_file_path[ \t]*=[ \t]*(.*)$/m.exec(printed)?.[1] ?? "";

/** From what `exim -bP log_selector log_timezone` prints. */
export function judgeExim(what: string, printed: string): Finding[] {
  const selectors = /^log_selector[ \t]*=[ \t]*(.*)$/m.exec(printed)?.[1] ?? "";
  // Later words win, `+all` and `-all` too.
  const on = new Set<string>();
  for (const [, sign, name = ""] of selectors.matchAll(/([+-])\s*(\w+)/g)) {
    const names = name === "all" ? Object.keys(wanted) : [name];
    for (const each of names)
      if (sign === "+") on.add(each);
      else on.delete(each);
  }
  const off = Object.entries(wanted).filter(([name]) => !on.has(name));
  const hasZone = /^log_timezone$/m.test(printed);
  if (off.length === 0 && hasZone) return [ok(what, "its log says what Mailtide uses")];
  const line = `log_selector = ${[selectors.trim(), ...off.map(([name]) => `+${name}`)].filter((word) => word !== "").join(" ")}`;
  return [
    {
      verdict: off.length > 0 ? "missing" : "note",
      what,
      says: [
        ...(off.length > 0 ? [`log_selector leaves out ${off.map(([name]) => name).join(", ")}`] : []),
        ...(hasZone ? [] : ["log_timezone is off"]),
      ].join("; "),
      why:
        off.length > 0
          ? `The log then does not say ${off.map(([, use]) => use).join("; nor ")}.`
          : "Times are then of the node's timezone, and one hour each autumn comes twice.",
      mend: inFile(
        "Exim's main configuration (Debian: /etc/exim4/conf.d/main/90_exim4-config_log_selector)",
        ...(off.length > 0 ? [line] : []),
        ...(hasZone ? [] : ["log_timezone = true"]),
      ),
    },
  ];
}
