/**
 * How many lines the logger says it threw away, or undefined when the line says nothing of the kind.
 * Phrases of rsyslog's imuxsock and imjournal and of systemd-journald. journald names the unit it silenced: a chatty
 * service that has nothing to do with mail is no loss to us.
 */
export function lostLines(process: string, body: string): number | undefined {
  if (process.startsWith("rsyslogd")) {
    const lost = /imuxsock(?:\[pid \d+\])?:? lost (\d{1,9}) messages|(\d{1,9}) messages lost due to rate-limiting/.exec(
      body,
    );
    return lost === null ? undefined : Number(lost[1] ?? lost[2]);
  }
  if (process === "systemd-journald" || process === "systemd-journal" || process === "journal") {
    const suppressed = /Suppressed (\d{1,9}) messages from (\S+)/.exec(body);
    return suppressed !== null && mailUnit.test(suppressed[2] ?? "") ? Number(suppressed[1]) : undefined;
  }
  return undefined;
}

const mailUnit = /postfix|exim|smtp|sendmail|haraka|kumo|mail|rspamd|amavis|syslog|user/i;
