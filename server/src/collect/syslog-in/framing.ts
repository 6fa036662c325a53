import type { SourceLine } from "../tail/source.ts";
import { longestLineBytes } from "../tail/split.ts";

/** The far side does not speak syslog, or is hostile: the connection should end. */
export class BadFraming extends Error {}

/**
 * Cuts a stream into messages by RFC 6587: octet counting (`MSG-LEN SP MSG`, the only one over TLS, RFC 5425) or a trailer
 * (newline or NUL), told apart message by message. What is longer than 64 KiB is cut and marked.
 */
export class SyslogFraming {
  /** What has come of a message, at the beginning of memory that grows by doubling: bytes may come one by one. */
  #held: Buffer = Buffer.alloc(0);
  #heldBytes = 0;
  /** So much of that holds no trailer. */
  #searched = 0;
  /** So many bytes of a message whose beginning was taken are still to come. */
  #left = 0;
  #untilTrailer = false;

  /** Views that are valid until the next call. Throws BadFraming. */
  *push(chunk: Buffer): Generator<SourceLine, void, void> {
    let data = this.#heldBytes === 0 ? chunk : this.#appended(chunk);
    const isWhole = (): boolean => data.length === this.#heldBytes;
    while (data.length > 0) {
      if (this.#left > 0) {
        const gone = Math.min(this.#left, data.length);
        this.#left -= gone;
        data = data.subarray(gone);
        continue;
      }
      if (this.#untilTrailer) {
        const end = trailerOf(data, 0);
        this.#untilTrailer = end < 0;
        data = end < 0 ? data.subarray(data.length) : data.subarray(end + 1);
        continue;
      }
      const empty = trailersOf(data);
      if (empty > 0) {
        this.#searched = 0;
        data = data.subarray(empty);
        continue;
      }
      const counted = countOf(data);
      if (counted === "more") break;
      const [taken, line] = counted === null ? this.#trailed(data) : this.#counted(data, counted);
      if (taken === 0) break;
      this.#searched = 0;
      if (line !== null && line.bytes.length > 0) yield line;
      data = data.subarray(taken);
    }
    if (!isWhole()) this.#held = Buffer.from(data);
    this.#heldBytes = data.length;
  }

  /** What is left when nothing can come any more: a last line whose trailer was left out, or the beginning of a message. */
  *finish(): Generator<SourceLine, void, void> {
    const data = this.#held.subarray(0, this.#heldBytes);
    this.#heldBytes = 0;
    if (data.length === 0) return;
    const counted = countOf(data);
    if (counted === "more") return;
    const bytes = withoutEnd(counted === null ? data : data.subarray(counted.digits + 1));
    if (bytes.length > 0) yield { bytes, truncated: counted !== null };
  }

  #appended(chunk: Buffer): Buffer {
    const bytes = this.#heldBytes + chunk.length;
    if (bytes > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes);
    this.#heldBytes = bytes;
    return this.#held.subarray(0, bytes);
  }

  #counted(data: Buffer, { digits, bytes }: Count): [number, SourceLine | null] {
    const start = digits + 1;
    const kept = Math.min(bytes, longestLineBytes);
    if (data.length < start + kept) return [0, null];
    this.#left = bytes - kept;
    return [start + kept, { bytes: withoutEnd(data.subarray(start, start + kept)), truncated: bytes > kept }];
  }

  #trailed(data: Buffer): [number, SourceLine | null] {
    const end = trailerOf(data, this.#searched);
    if (end < 0 && data.length <= longestLineBytes) {
      this.#searched = data.length;
      return [0, null];
    }
    const stop = end < 0 ? data.length : end;
    const kept = Math.min(stop, longestLineBytes);
    this.#untilTrailer = end < 0;
    return [
      end < 0 ? stop : stop + 1,
      { bytes: withoutEnd(data.subarray(0, kept)), truncated: kept < stop || end < 0 },
    ];
  }
}

interface Count {
  readonly digits: number;
  readonly bytes: number;
}

/** null: no count stands here; "more": it cannot be told yet. */
function countOf(data: Buffer): Count | "more" | null {
  const first = data[0] ?? 0;
  if (first < digit1 || first > digit9) return null;
  let bytes = 0;
  for (let at = 0; at < mostDigits + 1; at++) {
    const code = data[at];
    if (code === undefined) return "more";
    if (code === space) {
      if (bytes > longestMessageBytes) throw new BadFraming(`a message of ${bytes} bytes`);
      return { digits: at, bytes };
    }
    if (code < digit0 || code > digit9) return null;
    bytes = bytes * 10 + (code - digit0);
  }
  throw new BadFraming("a message without end");
}

/** Looks ever further, so that what it costs is in proportion to what it finds. */
function trailerOf(data: Buffer, from: number): number {
  for (let [start, size] = [from, 256]; start < data.length; start += size, size *= 4) {
    const part = data.subarray(start, start + size);
    const newline = part.indexOf(newlineByte);
    const nul = (newline < 0 ? part : part.subarray(0, newline)).indexOf(0);
    const found = nul < 0 ? newline : nul;
    if (found >= 0) return start + found;
  }
  return -1;
}

/** Messages of nothing, one behind the other. */
function trailersOf(data: Buffer): number {
  let at = 0;
  while (data[at] === newlineByte || data[at] === 0) at += 1;
  return at;
}

/** Many senders put a newline within the count, or in a datagram. */
export function withoutEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === newlineByte || bytes[end - 1] === 13 || bytes[end - 1] === 0)) end -= 1;
  return bytes.subarray(0, end);
}

const newlineByte = 10;
const space = 32;
const digit0 = 48;
const digit1 = 49;
const digit9 = 57;
const mostDigits = 8;
const longestMessageBytes = 1 << 20;
