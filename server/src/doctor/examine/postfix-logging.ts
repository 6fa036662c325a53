import { command, type Finding, ok, shellWord } from "../finding.ts";
import { ofPostfix, type WatchedPostfix } from "../patient.ts";
import type { PostfixSettings } from "../../host/postconf.ts";

/** Settings of Postfix by which its log says more (postconf(5)). */
export const postfixLogging = ofPostfix(judgeLogging);

export function judgeLogging({ name, settings }: WatchedPostfix): Finding[] {
  const what = `${name} postfix`;
  const findings: Finding[] = [];
  if (settings.get("enable_long_queue_ids") !== "yes") {
    findings.push({
      verdict: "missing",
      what,
      says: "enable_long_queue_ids = no: queue ids are short",
      why: "A long id holds the second of arrival and is never used again; with short ones the age of mail that was already waiting is known only from its next delivery attempt or listing, and two messages may share an id.",
      mend: setting(settings, "enable_long_queue_ids", "yes"),
    });
  }
  const digits = Number(settings.get("delay_logging_resolution_limit"));
  if (digits < 2) {
    findings.push({
      verdict: "note",
      what,
      says: `delay_logging_resolution_limit = ${digits}: delays are logged in steps of ${digits === 0 ? "1 s" : "0.1 s"}`,
      why: "How long each stage takes on an ordinary day is then not told from nothing.",
      mend: setting(settings, "delay_logging_resolution_limit", "2"),
    });
  }
  for (const name of ["smtp_tls_loglevel", "smtpd_tls_loglevel"]) {
    const level = Number(settings.get(name));
    if (level >= 2) {
      findings.push({
        verdict: "note",
        what,
        says: `${name} = ${level} is meant for debugging: many lines for each connection`,
        why: "They fill the log, and a logger that limits its rate throws away lines of mail instead.",
        mend: setting(settings, name, "1"),
      });
    }
    if (level === 0 && name === "smtp_tls_loglevel" && settings.get("smtp_tls_security_level") !== "") {
      findings.push({
        verdict: "note",
        what,
        says: `${name} = 0: TLS that fails on the way out leaves no line of its own`,
        why: "An expired certificate or a far side without a common cipher then looks like any other deferral.",
        mend: setting(settings, name, "1"),
      });
    }
  }
  return findings.length === 0 ? [ok(what, "its log says what Mailtide uses: long queue ids, fine delays")] : findings;
}

/** The command that sets it, for this instance. */
function setting({ folder }: PostfixSettings, name: string, value: string): ReturnType<typeof command> {
  const where = folder === null ? "" : `-c ${shellWord(folder)} `;
  return command(`postconf ${where}-e '${name} = ${value}' && postfix ${where}reload`);
}
