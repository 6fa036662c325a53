import { createWriteStream } from "node:fs";
import { once } from "node:events";

const firstMs = Date.UTC(2013, 10, 18, 11);
/** As in the simulated day: about 300 lines a second. */
const linesPerSecond = 300;

/**
 * Writes a mainlog as Exim 4.96 does with the log selector `incoming_port` (Exim specification, chapter 53): arrivals, deliveries by
 * SMTP and to mailboxes, deferrals, failures, refusals, and of who is refused the connection (`smtp_connection`, which would
 * tell of all and of their ends). The same log each time.
 */
export async function writeEximLog(path: string, lines: number): Promise<void> {
  const out = createWriteStream(path);
  const below = random();
  let written = 0;
  for (let number = 0; written < lines;) {
    const second = Math.floor(written / linesPerSecond);
    const block: string[] = [];
    for (; block.length < linesPerSecond; number++) block.push(...message(number, second, below));
    written += block.length;
    const at = new Date(firstMs + second * 1_000).toISOString();
    const time = `${at.slice(0, 10)} ${at.slice(11, 19)}`;
    if (!out.write(block.map((text) => `${time} ${text}\n`).join(""))) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

type Below = (most: number) => number;

/** What is logged of one message, or of one that was refused. */
function message(number: number, second: number, below: Below): string[] {
  const site = below(4_000);
  const host = `out-${site % 25}.post-${site}.example`;
  const ip = `203.${site >> 12}.${(site >> 4) & 255}.${1 + (site & 15)}`;
  const client = `H=${host} [${ip}]:${1_024 + below(60_000)}`;
  const sender = `${names[below(names.length)]}@post-${site}.example`;
  if (below(10) < 3)
    return [
      `SMTP connection from [${ip}]:${1_024 + below(60_000)} (TCP/IP connection count = ${1 + below(9)})`,
      `${client} F=<${sender}> rejected RCPT <${recipient(below)}>: Message rejected because ${host} [${ip}] is in a black list at bl.lists.example`,
    ];
  const id = idOf(firstMs / 1_000 + second, number);
  const own = `id=${number.toString(36)}.${site}@${host}`;
  const said = [`${id} <= ${sender} ${client} P=esmtps ${tls} CV=no S=${800 + below(80_000)} ${own}`];
  const recipients = below(5) === 0 ? 1 + below(3) : 1;
  for (let one = 0; one < recipients; one++) for (const text of delivery(number, below)) said.push(`${id} ${text}`);
  return [...said, `${id} Completed`];
}

function delivery(number: number, below: Below): string[] {
  const to = recipient(below);
  const [local = "", domain = ""] = to.split("@");
  const kind = below(100);
  const route = `R=dnslookup T=remote_smtp`;
  const host = `H=mail.${domain} [198.19.0.${1 + below(200)}]`;
  const error = `SMTP error from remote mail server after RCPT TO:<${to}>:`;
  if (kind === 99) return [`** ${to} ${route} ${host}: ${error} 550 5.1.1 <${to}>: User unknown`];
  const next = number.toString(16).toUpperCase().padStart(10, "4");
  const sent =
    kind < 40
      ? `=> ${local} <${to}> R=localuser T=local_delivery`
      : `=> ${to} ${route} ${host} ${tls} CV=yes C="250 2.0.0 Ok: queued as ${next}"`;
  if (kind >= 3) return [sent];
  return [`== ${to} ${route} defer (-44) ${host}: ${error} 450 4.2.1 <${to}>: Recipient busy: try later`, sent];
}

const recipient = (below: Below): string => `${names[below(names.length)]}@${owned[below(owned.length)]}`;

/** `tttttt-pppppp-ss`: seconds, process, part of a second, in base 62 (Exim specification, 3.4). */
const idOf = (second: number, process: number): string =>
  `${base62(second, 6)}-${base62(process, 6)}-${base62(process % 3_844, 2)}`;

function base62(number: number, length: number): string {
  let text = "";
  for (let rest = number; text.length < length; rest = Math.floor(rest / 62)) text = `${alphabet[rest % 62]}${text}`;
  return text;
}

/** Xorshift (Marsaglia, Journal of Statistical Software 8, 2003). */
function random(): Below {
  let state = 0x9e3779b9;
  return (most) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % most;
  };
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const tls = "X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256";
const names = ["anele", "thandi", "sipho", "nomsa", "kagiso", "mpho", "lindiwe", "office", "sales", "accounts", "hr"];
const owned = ["acacia-legal.example", "baobab-mining.example", "kudu-wines.example", "protea-clinics.example"];
