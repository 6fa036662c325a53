import type { Names } from "./names.ts";
import type { Words } from "./words.ts";

/**
 * Pseudonyms of mail addresses that keep what core/sources/canonical.ts compares: extensions, BATV, SRS and VERP, and which
 * spellings are one mailbox. Local parts are replaced piece by piece between the characters that these forms are built of.
 */
export function createMailboxes(words: Words, { domain }: Names): (address: string) => string {
  const pieces = (text: string): string =>
    text.replace(/[^-+=]+/g, (piece) => (/^[0-9a-f]{20}$/i.test(piece) ? mark(piece) : words(piece)));
  /** What tells a probe's mail from a customer's stays such a thing (core/model/own-probes.ts). */
  const mark = (piece: string): string => {
    const made = Buffer.from(words(piece.toLowerCase(), "mark")).toString("hex");
    return Array.from(made, (digit, at) => (/[A-F]/.test(piece[at] ?? "") ? digit.toUpperCase() : digit)).join("");
  };
  const plain = (local: string): string => {
    // VERP and forwarders write a whole address as user=domain.
    const equals = local.lastIndexOf("=");
    return equals < 0 ? pieces(local) : `${pieces(local.slice(0, equals))}=${domain(local.slice(equals + 1))}`;
  };
  const inner = (local: string): string => {
    const batv = /^(prvs=)(?:(\d{4}[0-9a-f]{6})=(.+)|(.+)=(\d{4}[0-9a-f]{6}))$/iu.exec(local);
    if (batv === null) return plain(local);
    const [, mark = "", before, user, other = "", after = ""] = batv;
    return user === undefined ? `${mark}${plain(other)}=${tag(after)}` : `${mark}${tag(before ?? "")}=${plain(user)}`;
  };
  /** A key digit and the day stay out: they tell when, and the hash is the user's. */
  const tag = (text: string): string => `0000${hexOf(words(text.toLowerCase(), "tag"))}`;
  const srs = (local: string): string | null => {
    const once = /^(srs0[=+-])([^=]+)=([^=]+)=([^=]+)=(.+)$/iu.exec(local);
    if (once !== null) {
      const [, mark = "", hash = "", stamp = "", from = "", user = ""] = once;
      return `${mark}${words(hash, "srs")}=${words(stamp, "srs")}=${domain(from)}=${inner(user)}`;
    }
    const again = /^(srs1[=+-])([^=]+)=([^=]+)=([=+-][^=]+=[^=]+=[^=]+=.+)$/iu.exec(local);
    if (again === null) return null;
    const [, mark = "", hash = "", forwarder = "", rest = ""] = again;
    const first = srs(`srs0${rest}`);
    return first === null ? null : `${mark}${words(hash, "srs")}=${domain(forwarder)}=${first.slice(4)}`;
  };
  const mapped = (address: string): string => {
    const at = address.lastIndexOf("@");
    const local = at < 0 ? address : address.slice(0, at);
    const made = srs(local) ?? inner(local);
    return at < 0 ? made : `${made}@${domain(address.slice(at + 1))}`;
  };
  return (address) => {
    if (address === "" || address === "MAILER-DAEMON") return address;
    const made = mapped(address);
    if (address.length > longest === made.length > longest) return made;
    // What was too long to be compared stays so; what has grown too long by its many pieces is one piece.
    const at = address.lastIndexOf("@");
    const short = at < 0 ? words(address) : `${words(address.slice(0, at))}@${words(address.slice(at + 1))}`;
    return address.length > longest ? short.padStart(longest + 1, "p") : short;
  };
}

/** As in core/sources/canonical.ts. */
const longest = 1_000;

function hexOf(word: string): string {
  return Buffer.from(word).toString("hex").slice(-6);
}
