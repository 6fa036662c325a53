import { closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * How many lines were taken from the network for one node, in a file: it outlives a killed program, which the lines that
 * were not committed by then do not. It is written once a turn of the event loop, and never synced: of what a machine that
 * loses its power had not committed yet it knows nothing. Where it cannot be kept, lines are taken all the same.
 */
export class TakenCount {
  #file: number | null = null;
  #count: number;
  #isDue = false;

  private constructor(count: number) {
    this.#count = count;
  }

  /** `committed`: how many are known to be durable; `lost`: how many were taken after those, and are gone. */
  static open(path: string, committed: number): { readonly count: TakenCount; readonly lost: number } {
    const taken = Math.max(committed, kept(path));
    const count = new TakenCount(taken);
    try {
      mkdirSync(dirname(path), { recursive: true });
      count.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o640);
    } catch {
      // The state store, which is beside it, says what the disk or the folder refuses.
    }
    count.#write();
    return { count, lost: taken - committed };
  }

  get value(): number {
    return this.#count;
  }

  add(): void {
    this.#count += 1;
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.#write());
  }

  close(): void {
    this.#write();
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  /** In place and always as long: a full disk has room for it. */
  #write(): void {
    this.#isDue = false;
    if (this.#file === null) return;
    try {
      writeSync(this.#file, `${String(this.#count).padStart(digits, "0")}\n`, 0);
    } catch {
      // With the next line again.
    }
  }
}

const digits = 16;

/** 0 where nothing was kept that can be read. */
function kept(path: string): number {
  try {
    const text = readFileSync(path, "latin1");
    return /^\d{16}\n$/.test(text) ? Number(text) : 0;
  } catch {
    return 0;
  }
}
