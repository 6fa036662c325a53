// The plain way to read a mail log: readline, and one regular expression for each kind of line. Written as well as we can:
// the header is read once, the program or the mark behind the id says which expression is tried, times are cached by second,
// numbers become numbers, and nothing is kept of a line but the sums. Prints how many lines were understood.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const [mta, ...paths] = process.argv.slice(2);
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
let secondText = "";
let secondMs = 0;

/** What a line says goes in here, so that no engine can leave the work out. */
const sums = { lines: 0, understood: 0, atMs: 0, bytes: 0, delay: 0, port: 0, letters: 0 };
const byKind = new Map();

function count(kind, event) {
  sums.understood += 1;
  sums.atMs = Math.max(sums.atMs, event.atMs);
  sums.bytes += event.size ?? 0;
  sums.delay += event.delay ?? 0;
  sums.port += event.relayPort ?? 0;
  sums.letters += (event.clientIp ?? "").length + (event.to ?? "").length + (event.from ?? "").length;
  byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
}

const numberOf = (text) => (text === undefined ? undefined : Number(text));

const postfix = {
  header:
    /^(\w{3} [ \d]\d \d\d:\d\d:\d\d) (\S+) ([\w/.-]+)\[(\d+)\]: (?:(NOQUEUE|[0-9A-F]{6,}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}): )?/,
  session: /^(connect|disconnect) from ([^[]*)\[([^\]]*)\](?::(\d+))?/,
  client: /^client=([^[]*)\[([^\]]*)\](?::(\d+))?(?:, sasl_method=([^,]*))?(?:, sasl_username=([^,]*))?/,
  messageId: /^message-id=<?([^>]*)>?/,
  from: /^from=<([^>]*)>, size=(\d+), nrcpt=(\d+)/,
  delivery:
    /^to=<([^>]*)>, (?:orig_to=<([^>]*)>, )?relay=([^[,]*)(?:\[([^\]]*)\])?(?::(\d+))?, (?:conn_use=\d+, )?delay=([\d.]+), delays=([\d.]+)\/([\d.]+)\/([\d.]+)\/([\d.]+), dsn=([\d.]+), status=(\w+) \((.*)\)$/,
  queuedAs: /queued as (\w+)/,
  reject:
    /^reject: (\w+) from ([^[]*)\[([^\]]*)\](?::\d+)?: (\d{3}) (?:(\d\.\d+\.\d+) )?(.*?); from=<([^>]*)>(?: to=<([^>]*)>)? proto=(\S+)(?: helo=<([^>]*)>)?/,
};

function timeOf(text) {
  if (text === secondText) return secondMs;
  secondText = text;
  const clock = [text.slice(7, 9), text.slice(10, 12), text.slice(13, 15)].map(Number);
  secondMs = Date.UTC(2013, months.indexOf(text.slice(0, 3)), Number(text.slice(4, 6)), ...clock);
  return secondMs;
}

function readPostfix(line) {
  const header = postfix.header.exec(line);
  if (header === null) return;
  const [whole, time, host, program, pid, queueId] = header;
  const rest = line.slice(whole.length);
  const event = { atMs: timeOf(time), host, program, pid: Number(pid), queueId };
  let match;
  if ((match = postfix.delivery.exec(rest)) !== null) {
    [, event.to, event.origTo, event.relay, event.relayIp] = match;
    event.relayPort = numberOf(match[5]);
    event.delay = Number(match[6]);
    event.delays = [Number(match[7]), Number(match[8]), Number(match[9]), Number(match[10])];
    [, , , , , , , , , , , event.dsn, event.status, event.reason] = match;
    event.nextQueueId = postfix.queuedAs.exec(event.reason)?.[1];
    count(event.status, event);
  } else if (rest === "removed") count("removed", event);
  else if ((match = postfix.messageId.exec(rest)) !== null) {
    event.messageId = match[1];
    count("queued", event);
  } else if ((match = postfix.from.exec(rest)) !== null) {
    event.from = match[1];
    event.size = Number(match[2]);
    event.recipients = Number(match[3]);
    count("active", event);
  } else if ((match = postfix.client.exec(rest)) !== null) {
    [, event.clientName, event.clientIp, , event.method, event.user] = match;
    count("client", event);
  } else if ((match = postfix.session.exec(rest)) !== null) {
    [, , event.clientName, event.clientIp] = match;
    count(match[1], event);
  } else if ((match = postfix.reject.exec(rest)) !== null) {
    [, event.stage, event.clientName, event.clientIp, , event.dsn, event.reason, event.from, event.to] = match;
    event.code = Number(match[4]);
    count("reject", event);
  }
}

const exim = {
  header:
    /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) (?:(\w{6}-\w{6,11}-\w{2,4}) )?(?:(<=|=>|->|==|\*\*|Completed) ?)?/,
  arrival:
    /^(\S+)(?: R=\S+)?(?: H=(.*?) \[([^\]]*)\](?::(\d+))?)?.*? P=(\S+)(?: X=\S+)?(?: A=(\S+))?.*? S=(\d+)(?: id=(\S+))?/,
  delivery:
    /^(.*?)(?: F=<([^>]*)>)? R=(\S+) T=(\S+)(?: S=\d+)?(?: H=(\S+) \[([^\]]*)\](?::(\d+))?)?.*?(?: C="([^"]*)")?(?: QT=(\S+))?(?: DT=(\S+))?$/,
  deferral: /^(\S+)(?: .*?)?(?: R=(\S+))?(?: T=(\S+))? defer \((-?\d+)\)(?: H=(\S+) \[([^\]]*)\])?:? ?(.*)$/,
  failure: /^(\S+?):?(?: <[^>]*>)?(?: F=<([^>]*)>)?(?: R=(\S+))?(?: T=(\S+))?(?: H=(\S+) \[([^\]]*)\])?: (.*)$/,
  refusal: /^H=(.*?) \[([^\]]*)\](?::(\d+))?.*? F=<([^>]*)> rejected (\w+)(?: <([^>]*)>)?: (.*)$/,
  connection: /^SMTP connection from (.*?)\[([^\]]*)\]/,
};

function eximTime(line, match) {
  const text = line.slice(0, 19);
  if (text === secondText) return secondMs;
  secondText = text;
  const [, year, month, day, hour, minute, second] = match;
  secondMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return secondMs;
}

function readExim(line) {
  const header = exim.header.exec(line);
  if (header === null) return;
  const mark = header[8];
  const rest = line.slice(header[0].length);
  const event = { atMs: eximTime(line, header), queueId: header[7] };
  let match;
  if (mark === "Completed") count("completed", event);
  else if (mark === "<=") {
    if ((match = exim.arrival.exec(rest)) === null) return;
    [, event.from, event.clientName, event.clientIp, , event.protocol, event.user] = match;
    event.size = Number(match[7]);
    event.messageId = match[8];
    count("arrival", event);
  } else if (mark === "=>" || mark === "->") {
    if ((match = exim.delivery.exec(rest)) === null) return;
    [, event.to, event.from, event.router, event.transport, event.relay, event.relayIp] = match;
    event.relayPort = numberOf(match[7]);
    event.reason = match[8];
    count("delivery", event);
  } else if (mark === "==") {
    if ((match = exim.deferral.exec(rest)) === null) return;
    [, event.to, event.router, event.transport, event.errno, event.relay, event.relayIp, event.reason] = match;
    count("deferral", event);
  } else if (mark === "**") {
    if ((match = exim.failure.exec(rest)) === null) return;
    [, event.to, event.from, event.router, event.transport, event.relay, event.relayIp, event.reason] = match;
    count("failure", event);
  } else if ((match = exim.refusal.exec(rest)) !== null) {
    [, event.clientName, event.clientIp, , event.from, event.stage, event.to, event.reason] = match;
    count("refusal", event);
  } else if ((match = exim.connection.exec(rest)) !== null) {
    event.clientIp = match[2];
    count("connection", event);
  }
}

const read = mta === "exim" ? readExim : readPostfix;

/** By the events of readline: its iterator costs more. */
const readLines = (path) =>
  new Promise((resolve) => {
    createInterface({ input: createReadStream(path, { highWaterMark: 128 * 1024 }), crlfDelay: Infinity })
      .on("line", (line) => {
        sums.lines += 1;
        read(line);
      })
      .on("close", resolve);
  });
for (const path of paths) await readLines(path);
console.log(JSON.stringify({ ...sums, byKind: Object.fromEntries(byKind) }));
