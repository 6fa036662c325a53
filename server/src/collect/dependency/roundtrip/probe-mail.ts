import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { EpochMs } from "@mailtide/shared";

/**
 * What makes a mail one of ours: `id` stands in the envelope (and so in everybody's mail log), `proof` only in the mail
 * itself. Both are random: nobody can make a probe mail come back who has not read it on its way.
 */
export interface Mark {
  readonly id: string;
  readonly proof: string;
  /** What is kept of the proof: who reads our state cannot forge with it. */
  readonly digest: string;
}

export function newMark(): Mark {
  const proof = randomBytes(32).toString("hex");
  return { id: randomBytes(10).toString("hex"), proof, digest: digestOf(proof) };
}

const digestOf = (proof: string): string => createHash("sha256").update(proof).digest("hex");

/** Where probe mail goes: `mailtide-probe@example.org`, with the id as its extension. */
export interface ProbeAddress {
  readonly mailbox: string;
  readonly delimiter: string;
}

/** Whose extension is the probe's: it has none of its own. */
export const mailboxForm = /^[^\s@<>+,;:"]{1,40}@[^\s@<>,;:"]{1,253}$/;

export function addressed({ mailbox, delimiter }: ProbeAddress, id: string): string {
  const at = mailbox.lastIndexOf("@");
  return `${mailbox.slice(0, at)}${delimiter}${id}${mailbox.slice(at)}`;
}

/** The id in an envelope recipient; null when it is not of a probe. Mail systems may change the case of an address. */
export function idIn({ mailbox, delimiter }: ProbeAddress, recipient: string): string | null {
  const at = mailbox.lastIndexOf("@");
  const [before, after] = [`${mailbox.slice(0, at)}${delimiter}`.toLowerCase(), mailbox.slice(at).toLowerCase()];
  const given = recipient.toLowerCase();
  const id = given.slice(before.length, given.length - after.length);
  return given === `${before}${id}${after}` && /^[0-9a-f]{20}$/.test(id) ? id : null;
}

/** What a mailbox is searched for: every server can do that, and only what is found is looked at. */
export const probeSubject = "Mailtide round trip";

/**
 * The mail (RFC 5322). It says that a program made it (RFC 3834), so that nobody's vacation note answers, and whom to
 * ask. Filters see plain words and nothing to click on.
 */
export function compose(
  mark: Mark,
  { from, to, host }: { from: string; to: string; host: string },
  atMs: EpochMs,
): string {
  const domain = to.slice(to.lastIndexOf("@") + 1);
  return [
    `Date: ${new Date(atMs).toUTCString().replace("GMT", "+0000")}`,
    `From: Mailtide round trip <${from === "" ? `mailtide@${domain}` : from}>`,
    `To: <${to}>`,
    `Subject: ${probeSubject}`,
    `Message-ID: <mailtide-probe.${mark.id}@${domain}>`,
    "Auto-Submitted: auto-generated",
    "X-Auto-Response-Suppress: All",
    "Precedence: bulk",
    `${proofHeader}: ${mark.proof}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=us-ascii",
    "Content-Transfer-Encoding: 7bit",
    "",
    "Mailtide sends this message through the mail platform and takes the time",
    "until it is back. It can be deleted wherever it is found.",
    "",
    `Sent by the Mailtide on ${host}.`,
    "",
  ].join("\r\n");
}

const proofHeader = "Mailtide-Probe";
const inHeader = new RegExp(`^${proofHeader}:[ \\t]*(?:\\r?\\n[ \\t]+)?([0-9a-f]{64})[ \\t]*\\r?$`, "im");

/** The digest of the proof that a mail brings, by its beginning; null where it brings none. */
export function broughtDigest(mail: string): string | null {
  const end = /\r?\n\r?\n/.exec(mail)?.index ?? mail.length;
  const proof = inHeader.exec(mail.slice(0, end))?.[1]?.toLowerCase();
  return proof === undefined ? null : digestOf(proof);
}

/** Whether the mail brings back the proof that was sent. */
export function isProven(digest: string, mail: string): boolean {
  const brought = broughtDigest(mail);
  return brought !== null && timingSafeEqual(Buffer.from(brought, "hex"), Buffer.from(digest, "hex"));
}
