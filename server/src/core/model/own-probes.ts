import type { NodeId } from "@mailtide/shared";

/**
 * Tells our own probe mail by its recipient, and by nothing else: whoever writes to that mailbox hides his own mail from
 * the count and nobody else's. Of a mailbox that this server's operator configured whatever its extension,
 * `probe@example.org` and `probe+1f2e@example.org`. Of one that an agent states only with the mark that a probe bears, for
 * an agent's word, which may be that of whoever took its host, must not hide a customer's mail: customers have no
 * extensions of twenty random digits.
 *
 * Postfix, Sendmail and Haraka name no recipient before the first attempt, and until then a probe counts as a customer's mail
 * there: its sender and its Message-ID are told at once, but whoever sends writes them, and a flood that bears ours would
 * hide itself.
 */
export class OwnProbes {
  readonly #configured: readonly { readonly local: string; readonly domain: string }[];
  /** Those stated last come first. */
  readonly #stated = new Map<NodeId, readonly string[]>();
  #marked: ReadonlySet<string> = new Set();
  /** With what they begin: most recipients are none by that alone. */
  #initials: ReadonlySet<number> = new Set();

  constructor(configured: readonly string[]) {
    this.#configured = configured.map((mailbox) => {
      const lower = mailbox.toLowerCase();
      const at = lower.lastIndexOf("@");
      return { local: lower.slice(0, at), domain: lower.slice(at) };
    });
    this.#learnInitials();
  }

  /** Where no probe is sent no recipient need be looked at. */
  get areKnown(): boolean {
    return this.#configured.length > 0 || this.#marked.size > 0;
  }

  /**
   * All that the agent of this node sends probes to. What it said before is remembered too: what lies in its spool, and in
   * the queue, was sent there.
   */
  state(node: NodeId, mailboxes: readonly string[]): void {
    const before = this.#stated.get(node) ?? [];
    if (mailboxes.every((mailbox, at) => mailbox === before[at])) return;
    const earlier = before.filter((mailbox) => !mailboxes.includes(mailbox));
    this.#stated.set(node, [...mailboxes, ...earlier].slice(0, mostRemembered));
    this.#marked = new Set([...this.#stated.values()].flat().map((mailbox) => mailbox.toLowerCase()));
    this.#learnInitials();
  }

  /** Whether what goes to this address is a probe. */
  has(recipient: string): boolean {
    if (!this.#initials.has(initialOf(recipient))) return false;
    const lower = recipient.toLowerCase();
    if (this.#configured.some((one) => isWithin(lower, one))) return true;
    if (this.#marked.size === 0) return false;
    const found = marked.exec(lower);
    return found !== null && this.#marked.has(`${found[1] ?? ""}${found[2] ?? ""}`);
  }

  #learnInitials(): void {
    this.#initials = new Set([...this.#configured.map(({ local }) => local), ...this.#marked].map(initialOf));
  }

  save(): [NodeId, readonly string[]][] {
    return [...this.#stated];
  }
}

/** The same of a letter in either case. */
const initialOf = (text: string): number => text.charCodeAt(0) | 32;

function isWithin(address: string, { local, domain }: { readonly local: string; readonly domain: string }): boolean {
  if (!address.endsWith(domain) || !address.startsWith(local)) return false;
  const extension = address.slice(local.length, address.length - domain.length);
  return extension === "" || extension.startsWith("+") || extension.startsWith("-");
}

/** An agent states 16 at most: as many earlier ones. */
const mostRemembered = 32;
/** Ten random bytes, as the round trip writes them (collect/dependency/roundtrip/probe-mail.ts). */
const marked = /^(.{1,64})[+-][0-9a-f]{20}(@[^@]{1,255})$/;
