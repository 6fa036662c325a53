import type { Facts } from "./rename.ts";

/** The same line as another logger would have written it, and with the fields in another order where the format has none. */
export interface Reshaped {
  readonly line: string;
  /** What the other form says differently. */
  readonly facts: Facts;
}

const classic = /^(<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) ([\w.-]+) ([\w./-]+)\[(\d+)\]: ([^]*)$/;

/** RFC 3164 into ISO 8601, RFC 5424, a container's prefix, BusyBox's; another pid, another instance's name. */
export function reheader(line: string, mta: string, atMs: number, random: () => number): Reshaped {
  const found = classic.exec(line);
  if (found === null) return { line, facts: {} };
  const [, , stamp = "", , tag = "", , body = ""] = found;
  const host = `mx${Math.floor(random() * 1000)}.example`;
  const pid = 1 + Math.floor(random() * 99_999);
  const isFilter = /^(?:amavis|clam|spamd|rspamd|exim|sm-mta|sendmail|smtpd|haraka)/.test(tag);
  const process =
    mta === "postfix" && !isFilter && random() < 0.5 ? tag.replace(/^[\w-]+\//, "postfix-out/submission/") : tag;
  const iso = new Date(atMs).toISOString();
  const head = `${host} ${process}[${pid}]: `;
  const lines = [
    `${stamp} ${head}${body}`,
    `<22>${stamp} ${head}${body}`,
    `${iso} ${head}${body}`,
    `${iso.replace("Z", "123+00:00")} ${head}${body}`,
    `<22>1 ${iso} ${host} ${process} ${pid} - - ${body}`,
    `<22>1 ${iso} ${host} ${process} ${pid} - [x@1 y="]"] ${body}`,
    `mail-1  | ${iso} ${head}${body}`,
    `${iso} stdout F ${iso} ${head}${body}`,
    `${stamp} ${host} mail.info ${process}[${pid}]: ${body}`,
    JSON.stringify({ log: `${iso} ${head}${body}\n`, stream: "stdout" }),
  ];
  // Haraka's parts are told by what it writes itself.
  const changed: Record<string, unknown> = mta === "haraka" ? { host, pid } : { host, pid, process };
  return { line: lines[Math.floor(random() * lines.length)] ?? line, facts: changed };
}

/** Shuffles what may come in any order: Exim's fields, Sendmail's equates, Postfix' facts behind a refusal, keys of OpenSMTPD. */
export function reorder(line: string, mta: string, random: () => number): string {
  if (mta === "postfix")
    return line.replace(refusalTail, (tail) => shuffled(tail, / (?=(?:from|to|proto|helo)=)/, " ", random, 1));
  if (mta === "exim") {
    // A host takes several words: behind it the order stays.
    const found =
      /^(.*? (?:<=|=>|->|\*\*|==) [^\s"]+ (?:<[^\s"]*> )?)((?:(?!H=)[A-Z]\w{0,3}=(?:"(?:[^"\\]|\\.)*"|[^\s"]*[^\s":])(?: |$)){2,})(?! |")([^]*)$/.exec(
        line,
      );
    // A subject ends what Exim itself says of an arrival.
    if (found === null || line.includes(' T="')) return line;
    const [, start = "", fields = "", rest = ""] = found;
    return start + shuffled(fields.trim(), outsideQuotes, " ", random, 0) + (rest === "" ? "" : ` ${rest}`);
  }
  if (mta === "sendmail")
    return line.replace(
      /(?<=, )(?:(?:class|pri|nrcpts|bodytype|proto|daemon|delay|xdelay|mailer)=[\w.:*+-]+, )+/g,
      (fields) => `${shuffled(fields.slice(0, -2), ", ", ", ", random, 0)}, `,
    );
  if (
    mta === "opensmtpd" &&
    / (?:mta|mda|smtp) (?:event=)?delivery |smtp (?:event=)?message /.test(line) &&
    !/stat=[^"]/.test(line)
  ) {
    const at = /(?:delivery|message) /.exec(line);
    const start = (at?.index ?? 0) + (at?.[0].length ?? 0);
    return line.slice(0, start) + shuffled(line.slice(start), outsideQuotes, " ", random, 0);
  }
  return line;
}

const outsideQuotes = / (?=(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*$)/;
const refusalTail = /; from=<[^<>"]*> to=<[^<>"]*> proto=\w+ helo=<[^<>"]*>$/;

function shuffled(text: string, by: RegExp | string, joint: string, random: () => number, keep: number): string {
  const parts = text.split(by);
  const rest = parts.slice(keep);
  for (let at = rest.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [rest[at], rest[other]] = [rest[other] ?? "", rest[at] ?? ""];
  }
  return [...parts.slice(0, keep), ...rest].join(joint);
}
