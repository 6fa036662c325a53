/** What a log line looks like when everything that differs from mail to mail is masked. */
export interface Shape {
  /** The syslog tag without the process id: `postfix/smtpd`. */
  readonly process: string;
  readonly text: string;
}

/** null: not a line of a daemon. */
export function shapeOf(line: string): Shape | null {
  const head = /^\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ ([\w/-]+)(?:\[\d+\])?: /.exec(line);
  if (head === null) return null;
  return { process: head[1] ?? "", text: mask(line.slice(head[0].length)) };
}

function mask(text: string): string {
  return (
    text
      // What the far side says is its own business; where it said so is Postfix's.
      .replace(/ said: (\d)\d\d \d\.\d\.\d .* \(in reply to [A-Z a-z]+ command\)/, " said: $1xx (in reply)")
      .replace(/\((250) .*\)$/, "(250 reply)")
      .replace(/^(?!NOQUEUE)(?=\w*[0-9A-Z])[0-9A-Za-z]{6,}: /, "ID: ")
      .replace(/(notification: |queued as |orig_queue_id=)[0-9A-Za-z]{6,}/g, "$1ID")
      .replace(/ conn_use=\d+,/, "")
      .replace(/(TCP map |tcp:)\S+?(?=: | )/g, "$1MAP")
      .replace(/"[^"]*"/g, '""')
      .replace(/<[^>]*>/g, "<>")
      .replace(/[\w.-]+\[[\d.:a-f]+\]/g, "HOST[IP]")
      .replace(/\d+(\.\d+)?/g, "N")
  );
}
