import { longestLineBytes } from "../tail/split.ts";
import { type JournalEntry, type JournalField, journalFields } from "./entry.ts";

/**
 * Reads the Journal Export Format (systemd.io/JOURNAL_EXPORT_FORMATS): `FIELD=text` lines, or a line `FIELD`, the length
 * as 64 bits little-endian, that many bytes and a newline; an empty line ends an entry. Bounded: fields that nobody reads
 * are let go as they come, and values are cut at 64 KiB.
 */
export class JournalExport {
  #entry: JournalEntry = {};
  #rest: Buffer = Buffer.alloc(0);
  /** Of the binary value that is being read. */
  #field: JournalField | null = null;
  #value: Buffer[] = [];
  #valueBytes = 0;
  #left = 0;
  /** The line goes on, and nobody reads it. */
  #skipping = false;

  *push(chunk: Buffer): Generator<JournalEntry, void, void> {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    for (;;) {
      if (this.#left > 0) {
        data = this.#binary(data);
        if (this.#left > 0) return;
        continue;
      }
      const newline = data.indexOf(newlineByte);
      if (newline < 0) {
        this.#keep(data);
        return;
      }
      const line = data.subarray(0, newline);
      const behind = data.subarray(newline + 1);
      if (this.#skipping) {
        this.#skipping = false;
        data = behind;
      } else if (line.length === 0) {
        yield* this.finish();
        data = behind;
      } else if (line.includes(equalsByte)) {
        this.#text(line);
        data = behind;
      } else {
        if (behind.length < lengthBytes) {
          this.#keep(data);
          return;
        }
        this.#field = fieldOf(line);
        this.#left = Number(behind.readBigUInt64LE(0)) + 1;
        data = behind.subarray(lengthBytes);
      }
    }
  }

  /** The entry that is open, when nothing can come any more. */
  *finish(): Generator<JournalEntry, void, void> {
    const entry = this.#entry;
    this.#entry = {};
    if (Object.keys(entry).length > 0) yield entry;
  }

  #keep(data: Buffer): void {
    if (this.#skipping) return;
    if (data.length <= longestLineBytes + 64) {
      this.#rest = Buffer.from(data);
      return;
    }
    this.#text(data);
    this.#skipping = true;
  }

  #text(line: Buffer): void {
    const equals = line.indexOf(equalsByte);
    const field = equals < 0 ? null : fieldOf(line.subarray(0, equals));
    if (field !== null) this.#put(field, line.subarray(equals + 1));
  }

  /** Gives back what is behind the value. */
  #binary(data: Buffer): Buffer {
    const part = data.subarray(0, Math.min(data.length, this.#left));
    this.#left -= part.length;
    const wanted = this.#left === 0 ? part.subarray(0, -1) : part;
    const room = longestLineBytes + 1 - this.#valueBytes;
    if (this.#field !== null && room > 0) {
      this.#value.push(Buffer.from(wanted.subarray(0, room)));
      this.#valueBytes += Math.min(room, wanted.length);
    }
    if (this.#left === 0) {
      if (this.#field !== null) this.#put(this.#field, Buffer.concat(this.#value));
      this.#field = null;
      this.#value = [];
      this.#valueBytes = 0;
    }
    return data.subarray(part.length);
  }

  #put(field: JournalField, value: Buffer): void {
    if (value.length > longestLineBytes) this.#entry.truncated = true;
    this.#entry[field] ??= value.subarray(0, longestLineBytes).toString("utf8");
  }
}

const newlineByte = 10;
const equalsByte = 61;
const lengthBytes = 8;
const known: ReadonlySet<string> = new Set(journalFields);

function fieldOf(name: Buffer): JournalField | null {
  if (name.length > 64) return null;
  const text = name.toString("latin1");
  return known.has(text) ? (text as JournalField) : null;
}
