/**
 * Docker Compose and `docker service logs` write `name  | ` before each line, `kubectl logs --prefix` `[pod/name/container] `,
 * `journalctl -o short-full` the day of the week, `short-monotonic` `[  12.345678] `, and grep the file in which it has found
 * the line, perhaps with its number: `mail.log:12:`.
 */
export function afterContainer(line: string): number {
  return container.exec(line.slice(0, 260))?.[0].length ?? 0;
}

const container =
  /^(?:(?:[\w.@-]{1,100} +\||\[pod\/[\w.-]{1,64}\/[\w.-]{1,64}\]|\[ *\d+\.\d+(?: < *\d+\.\d+ >)?\]|Mon|Tue|Wed|Thu|Fri|Sat|Sun) |[\w./~+-]{1,200}:(?:\d{1,9}:)?(?=[A-Z][a-z]{2} [ \d]?\d \d\d:|\d{4}-\d\d-\d\d[ T]))/;

/** The same writes the short name of the zone; only that of UTC tells which. */
export function afterZoneName(line: string, at: number): number {
  return at + (/^[A-Z]{3,5} /.exec(line.slice(at, at + 6))?.[0].length ?? 0);
}

/** BusyBox's syslogd names facility and level between host and tag: `mx mail.info postfix/smtpd[1]: `; AIX' `mail:info`. */
export function afterFacility(line: string, at: number): number {
  const code = line.charCodeAt(at);
  if (code < letterA) return at;
  if (code <= letterW) return afterSeverity(line, at);
  if (code !== letterM && code !== letterL && code !== letterU && code !== letterD) return at;
  const found =
    /^(?:mail|user|daemon|local[0-7])[.:](?:emerg|alert|crit|err|error|warn|warning|notice|info|debug) /.exec(
      line.slice(at, at + 20),
    );
  return found === null ? at : at + found[0].length;
}

/** Solaris writes `[ID 197553 mail.info] ` before the text. */
export function afterMessageId(line: string, at: number): number {
  if (line.charCodeAt(at) !== openBracket || !line.startsWith("[ID ", at)) return at;
  return at + (/^\[ID \d{1,10} [a-z0-9]{1,12}\.[a-z]{1,12}\] /.exec(line.slice(at, at + 48))?.[0].length ?? 0);
}

/** BSD's syslogd writes `<mail.notice>` or `<2.5>` behind the time when it is told to be verbose. */
export function afterLevel(line: string, at: number): number {
  if (line.charCodeAt(at) !== less) return afterSeverity(line, at);
  const found = /^<(?:[a-z0-9]{1,12}\.[a-z]{1,12}|\d{1,2}\.\d)>/.exec(line.slice(at, at + 28));
  return found === null ? at : at + found[0].length;
}

/** Before the tag, where rsyslog's template has `%syslogseverity-text:::uppercase%`: `INFO    postfix/smtpd[1]: `. */
function afterSeverity(line: string, at: number): number {
  const code = line.charCodeAt(at);
  if (!(code >= letterA && code <= letterW)) return at;
  const found = /^(?:DEBUG|INFO|NOTICE|WARNING|ERR|CRIT|ALERT|EMERG) {1,8}(?=[^\s:]{1,128}:(?:\s|$))/.exec(
    line.slice(at, at + 150),
  );
  return found === null ? at : at + found[0].length;
}

const less = 60;
const letterA = 65;
const letterW = 87;
const openBracket = 91;
const letterD = 100;
const letterL = 108;
const letterM = 109;
const letterU = 117;
