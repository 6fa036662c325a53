import { type Fingerprint, fingerprintOf, longestTraceBytes, noTraces, type Traces } from "./position.ts";

/** What is remembered of a file while it is read on: its first bytes, those before the next read, those before the offset. */
export class FileMemory {
  #head: Buffer;
  #before: Buffer;
  #tail: Buffer;

  constructor({ head, tail }: Traces = noTraces) {
    this.#head = head;
    this.#before = this.#tail = tail;
  }

  get head(): Buffer {
    return this.#head;
  }

  /** To be read again with what follows, so that no moment lies between the two in which the file could be emptied. */
  get before(): Buffer {
    return this.#before;
  }

  /** As it is kept; of a file emptied in the meantime, of what was read of it before. */
  get fingerprint(): Fingerprint {
    return fingerprintOf({ head: this.#head, tail: this.#tail });
  }

  /** `bytes`, of which at most so many were asked for from `start` on, are what was known of that place, and perhaps more. */
  isOf(bytes: Buffer, start: number, asked: number): boolean {
    const head = this.#head.subarray(start, start + asked);
    return bytes.subarray(0, this.#before.length).equals(this.#before) && bytes.subarray(0, head.length).equals(head);
  }

  /** The file's beginning, which was known in part. */
  learnHead(bytes: Buffer): void {
    if (this.#head.length < longestTraceBytes) this.#head = Buffer.from(bytes.subarray(0, longestTraceBytes));
  }

  /** `data` was read behind `before`; whole lines end after so many of its bytes, 0: none does. */
  readOn(data: Buffer, wholeBytes: number): void {
    if (wholeBytes > 0) this.#tail = lastOf(this.#before, data.subarray(0, wholeBytes));
    this.#before = lastOf(this.#before, data);
  }
}

function lastOf(before: Buffer, data: Buffer): Buffer {
  const kept = data.subarray(-longestTraceBytes);
  const missing = longestTraceBytes - kept.length;
  return Buffer.concat(missing === 0 ? [kept] : [before.subarray(-missing), kept]);
}
