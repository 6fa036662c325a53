/**
 * The mailbox that an envelope address stands for, in a form that can be compared: lower case, without a BATV tag
 * (`prvs=TAG=local`, draft-levine-smtp-batv), with SRS undone (`SRS0=HHH=TT=domain=local@forwarder`,
 * `SRS1=HHH=forwarder==HHH=TT=domain=local@next`, openspf.org/srs) and without the extension behind a recipient
 * delimiter. Null for the null sender ("") and for what is not an address.
 */
export function canonicalAddress(address: string, delimiters: string): string | null {
  const mailbox = mailboxOf(address);
  return mailbox === null ? null : withoutExtension(mailbox, delimiters);
}

/**
 * True when a message names its recipient's mailbox as its sender. A VERP sender (`list-user=example.com@lists.example`
 * for a mail to `user@example.com`, cr.yp.to/proto/verp.txt) carries the recipient but is the list's mailbox,
 * `list@lists.example`; it is compared as that.
 */
export function senderIsRecipient(sender: string, recipient: string, delimiters: string): boolean {
  if (endOtherwise(sender, recipient)) return false;
  const from = mailboxOf(sender);
  const to = mailboxOf(recipient);
  if (from === null || to === null || from.domain !== to.domain) return false;
  const wanted = withoutExtension(to, delimiters);
  return (
    withoutExtension(from, delimiters) === wanted || withoutExtension(withoutVerp(from, to), delimiters) === wanted
  );
}

/** Surely of another domain, seen from the end, where nearly all pairs differ soon. Only SRS puts the domain elsewhere. */
function endOtherwise(sender: string, recipient: string): boolean {
  if (maySrs(sender) || maySrs(recipient)) return false;
  let a = sender.length - 1;
  for (let b = recipient.length - 1; a >= 0 && b >= 0; a--, b--) {
    const one = lower(sender.charCodeAt(a));
    const other = lower(recipient.charCodeAt(b));
    // Some letters beyond ASCII change their length or become ASCII in lower case.
    if (one > 127 || other > 127) return false;
    if (one !== other) return true;
    if (one === atSign) return false;
  }
  return false;
}

const atSign = 64;
const lower = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);
const maySrs = (address: string): boolean => lower(address.charCodeAt(0)) === 115;

interface Mailbox {
  readonly local: string;
  readonly domain: string;
}

function mailboxOf(address: string): Mailbox | null {
  const at = address.lastIndexOf("@");
  if (at <= 0 || at === address.length - 1 || address.length > longestAddress) return null;
  const mailbox = { local: address.slice(0, at).toLowerCase(), domain: address.slice(at + 1).toLowerCase() };
  const { local, domain } = mailbox.local.startsWith("srs") ? (undoSrs(mailbox.local) ?? mailbox) : mailbox;
  return { local: local.startsWith("prvs=") ? withoutBatv(local) : local, domain };
}

function withoutExtension({ local, domain }: Mailbox, delimiters: string): string {
  let end = local.length;
  for (const delimiter of delimiters) {
    const cut = local.indexOf(delimiter);
    if (cut > 0 && cut < end) end = cut;
  }
  return `${local.slice(0, end)}@${domain}`;
}

/** Both orders are in use, `prvs=TAG=local` and `prvs=local=TAG`; a tag is a key digit, three of the day, six of the hash. */
function withoutBatv(local: string): string {
  const match = /^prvs=(?:\d{4}[0-9a-f]{6}=(.+)|(.+)=\d{4}[0-9a-f]{6})$/u.exec(local);
  return match?.[1] ?? match?.[2] ?? local;
}

/** Hash, time stamp, domain, local part; the first separator may be `=`, `+` or `-`. */
function undoSrs(local: string): Mailbox | null {
  const once = /^srs0[=+-][^=]+=[^=]+=([^=]+)=(.+)$/u.exec(local);
  if (once !== null) return { local: once[2] ?? "", domain: once[1] ?? "" };
  const again = /^srs1[=+-][^=]+=[^=]+=([=+-][^=]+=[^=]+=[^=]+=.+)$/u.exec(local);
  return again === null ? null : undoSrs(`srs0${again[1]}`);
}

function withoutVerp(from: Mailbox, to: Mailbox): Mailbox {
  for (const separator of ["-", "+"]) {
    const tail = `${separator}${to.local}=${to.domain}`;
    if (from.local.length > tail.length && from.local.endsWith(tail))
      return { local: from.local.slice(0, -tail.length), domain: from.domain };
  }
  return from;
}

/** RFC 5321 4.5.3.1.3 allows 256 octets for a path; anything much longer is not an address. */
const longestAddress = 1_000;
