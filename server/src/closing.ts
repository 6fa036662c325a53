/**
 * What was started, to be stopped in reverse order; used for a failed start as for an orderly end. Every step is tried, once.
 */
export class CloseStack {
  #steps: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  readonly #failed: (name: string, error: unknown) => void;
  #closing: Promise<void> | null = null;

  constructor(failed: (name: string, error: unknown) => void) {
    this.#failed = failed;
  }

  add(name: string, close: () => Promise<void>): void {
    this.#steps.push({ name, close });
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const { name, close } of this.#steps.toReversed()) {
      try {
        await close();
      } catch (error) {
        this.#failed(name, error);
      }
    }
  }
}
