/**
 * Tells our own probe mail by its recipient, whatever its extension: `probe@example.org` and `probe+1f2e@example.org`. By
 * nothing else: whoever writes to that mailbox hides his own mail from the count and nobody else's. Null where no probe
 * is sent, so that no recipient need be looked at.
 */
export function ownProbes(mailboxes: readonly string[]): ((recipient: string) => boolean) | null {
  const known = mailboxes.map((mailbox) => {
    const lower = mailbox.toLowerCase();
    const at = lower.lastIndexOf("@");
    return { local: lower.slice(0, at), domain: lower.slice(at) };
  });
  if (known.length === 0) return null;
  return (recipient) => {
    const lower = recipient.toLowerCase();
    return known.some(({ local, domain }) => {
      if (!lower.endsWith(domain) || !lower.startsWith(local)) return false;
      const extension = lower.slice(local.length, lower.length - domain.length);
      return extension === "" || extension.startsWith("+") || extension.startsWith("-");
    });
  };
}
