import { Mailbox, type MailboxOptions } from "./mailbox.ts";
import type { Trouble, WayBack } from "./way-back.ts";

/**
 * A mailbox, and beside it the folder that filters put into what they take for spam, on a connection of its own: what came
 * there is back, and nobody reads it. Both must be seen, or what is back in the other would be missing.
 */
export class WithJunk implements WayBack {
  readonly port = null;
  readonly #folder: Mailbox;
  readonly #junk: Mailbox;

  constructor(options: MailboxOptions, junk: string, kept: unknown) {
    this.#folder = new Mailbox(options, kept);
    this.#junk = new Mailbox({ ...options, folder: junk }, (kept as { readonly junk?: unknown } | undefined)?.junk);
  }

  get strangers(): number {
    return this.#folder.strangers + this.#junk.strangers;
  }

  get trouble(): Trouble | null {
    return this.#folder.trouble ?? this.#junk.trouble;
  }

  async ready(): Promise<boolean> {
    const both = await Promise.all([this.#folder.ready(), this.#junk.ready()]);
    return both.every(Boolean);
  }

  async close(): Promise<void> {
    await Promise.all([this.#folder.close(), this.#junk.close()]);
  }

  /** As of the folder alone, so that what is kept is understood where the other is configured later, or no longer. */
  keep(): (NonNullable<ReturnType<Mailbox["keep"]>> & { readonly junk: unknown }) | undefined {
    const [folder, junk] = [this.#folder.keep(), this.#junk.keep()];
    return folder === undefined || junk === undefined ? undefined : { ...folder, junk };
  }

  kept(what: unknown): void {
    this.#folder.kept(what);
    this.#junk.kept((what as { readonly junk: unknown }).junk);
  }
}
