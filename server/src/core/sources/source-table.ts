import { TextTable } from "../text/text-table.ts";
import { unmapped } from "./network.ts";
import { never, Source } from "./source.ts";

/** Every source that anything is remembered of, by its address. */
export class SourceTable {
  readonly #byText = new TextTable<Source>();
  readonly #isOurs: (ip: string) => boolean;

  constructor(isOurs: (ip: string) => boolean = () => false) {
    this.#isOurs = isOurs;
  }

  find(text: string): Source | undefined {
    return this.#byText.get(text);
  }

  /** Whoever got a new one remembers something of it, or releases it. */
  of(text: string): Source {
    // Readers hand out the same string for the same address: the table need not read it to find it.
    return this.#byText.get(text) ?? this.#add(text);
  }

  /** To be called when something of it was forgotten. */
  release(source: Source): void {
    if (source.doneStep !== never || source.slices > 0 || source.cleanDay !== never) return;
    if (source.hostile === null) this.#byText.delete(source.ip, source);
  }

  /** It was quiet: what is still remembered of it is found by its address alone. */
  leave(source: Source): void {
    this.#forgetAlias(source);
    this.release(source);
  }

  #add(text: string): Source {
    // No part of a line, and the table finds the very same string without comparing it.
    const ip = unmapped(text);
    let source = ip === text ? undefined : this.#byText.get(ip);
    if (source === undefined) {
      source = new Source(ip, this.#isOurs(ip));
      this.#byText.set(ip, source);
    } else if (source.doneStep !== never) {
      this.#forgetAlias(source);
      source.alias = text;
      this.#byText.set(text, source);
    }
    return source;
  }

  #forgetAlias(source: Source): void {
    if (source.alias !== "") this.#byText.delete(source.alias, source);
    source.alias = "";
  }
}
