import { attributions, directions, type EpochMs, type NodeId } from "@mailtide/shared";
import { heldFlags, type Message, newMessage, phases, queueNames } from "./message.ts";
import { emptyUnit, isWaiting, type Unit } from "./unit.ts";

/**
 * Messages that are done, as rows of numbers and texts, which an engine need not look through whenever it collects garbage:
 * hardly a line speaks of them again. Rows are given up nearly in the order in which they were filled, and so are their pages.
 */
export class Shelf<Book extends { readonly node: NodeId }> {
  readonly #pages: (Page<Book> | undefined)[] = [];
  readonly #free: number[] = [];
  /** The page that is being filled, and where it stands. */
  #page: Page<Book> | null = null;
  #place = 0;
  #spare: Page<Book> | null = null;

  /**
   * Where it stands from now on; nobody may hold the message or its unit any more. To be asked of what `fits`. `hash` is of its id
   * and comes back with `hashOf`.
   */
  put(message: Message, hash: number, book: Book): number {
    let page = this.#page;
    if (page === null || page.filled === rowsOfPage) page = this.#newPage();
    const row = page.filled;
    page.filled += 1;
    page.left += 1;
    page.books[row] = book;
    page.counts[row * countsOfRow] = hash;
    write(page, row, message);
    return this.#place * rowsOfPage + row;
  }

  /** The message again, made anew, out of a row that is given up. */
  take(row: number): Message {
    const message = read(this.#pageOf(row), row % rowsOfPage, this.bookOf(row).node);
    this.drop(row);
    return message;
  }

  drop(row: number): void {
    const page = this.#pageOf(row);
    page.left -= 1;
    if (page.left > 0 || page === this.#page) return;
    const place = Math.floor(row / rowsOfPage);
    this.#pages[place] = undefined;
    this.#free.push(place);
    this.#spare = page;
  }

  bookOf(row: number): Book {
    return this.#pageOf(row).books[row % rowsOfPage] as Book;
  }

  idOf(row: number): string {
    return this.#pageOf(row).texts[(row % rowsOfPage) * textsOfRow] ?? "";
  }

  hashOf(row: number): number {
    return this.#pageOf(row).counts[(row % rowsOfPage) * countsOfRow] ?? 0;
  }

  doneMsOf(row: number): EpochMs {
    return this.#pageOf(row).numbers[(row % rowsOfPage) * numbersOfRow] ?? 0;
  }

  #pageOf(row: number): Page<Book> {
    return this.#pages[Math.floor(row / rowsOfPage)] as Page<Book>;
  }

  #newPage(): Page<Book> {
    const full = this.#page;
    // All of it may have been given up while it was being filled.
    if (full !== null && full.left === 0) {
      full.filled = 0;
      return full;
    }
    const page = this.#spare ?? new Page<Book>();
    this.#spare = null;
    page.filled = 0;
    this.#page = page;
    this.#place = this.#free.pop() ?? this.#pages.length;
    this.#pages[this.#place] = page;
    return page;
  }
}

/**
 * A row says all of it: nobody else holds the message or its unit, of which it has one at most, and that was never deferred. So
 * are nearly all.
 */
export function fits(message: Message): boolean {
  const { units, rest, firstUnit } = message;
  if ((message.flags & heldFlags) !== 0 || message.split !== null || message.unsaid !== null) return false;
  if (message.more !== null || message.nrcpt > 1 || message.named > 1) return false;
  if (units.length > 1 || message.countedUnits !== 1 || message.pausedMs !== 0) return false;
  const unit = units[0] ?? null;
  if ((rest !== null && rest !== unit) || (firstUnit !== null && firstUnit !== unit)) return false;
  return unit === null || fitsAs(unit, message);
}

function fitsAs(unit: Unit, message: Message): boolean {
  if (unit.unsettled || isWaiting(unit) || unit.open !== 0 || unit.destination !== "") return false;
  if (unit.acceptedMs !== message.acceptedMs || unit.dueMs !== message.arrivalMs || unit.attemptMs !== 0) return false;
  return unit.pausedMs === 0 && unit.pauseMs === 0 && unit.resumeMs === 0 && unit.restartMs === 0;
}

class Page<Book> {
  readonly numbers = new Float64Array(rowsOfPage * numbersOfRow);
  readonly counts = new Int32Array(rowsOfPage * countsOfRow);
  readonly texts: (string | null)[] = Array.from({ length: rowsOfPage * textsOfRow }, () => null);
  readonly books: (Book | null)[] = Array.from({ length: rowsOfPage }, () => null);
  filled = 0;
  /** Rows that are not given up. */
  left = 0;
}

function write({ numbers, counts, texts }: Page<unknown>, row: number, message: Message): void {
  const { nrcpt, named } = message;
  const unit = message.units[0] ?? null;
  const number = row * numbersOfRow;
  const count = row * countsOfRow;
  const text = row * textsOfRow;
  numbers[number] = message.doneMs;
  numbers[number + 1] = message.arrivalMs;
  numbers[number + 2] = message.acceptedMs;
  numbers[number + 3] = message.order;
  numbers[number + 4] = unit === null ? 0 : unit.waitMs;
  numbers[number + 5] = unit === null ? 0 : unit.recentSecond;
  counts[count + 1] = message.flags;
  counts[count + 2] = unit === null ? 0 : unit.flags;
  counts[count + 3] = message.messageHash;
  counts[count + 4] = births.indexOf(message.birth) + 4 * queueNames.indexOf(message.queue) + 16 * nrcpt + 32 * named;
  counts[count + 5] = unit === null ? 0 : kindOf(unit, message);
  texts[text] = message.id;
  texts[text + 1] = message.clientIp;
  texts[text + 2] = message.sender;
  texts[text + 3] = message.first;
  texts[text + 4] = unit === null ? null : unit.domain;
}

function kindOf(unit: Unit, { rest, firstUnit }: Message): number {
  const { direction, phase, attribution } = unit;
  const way = directions.indexOf(direction) + 4 * phases.indexOf(phase) + 32 * attributions.indexOf(attribution);
  return way + (rest === null ? 0 : isRest) + (firstUnit === null ? 0 : isFirst);
}

function read({ numbers, counts, texts }: Page<unknown>, row: number, node: NodeId): Message {
  const number = row * numbersOfRow;
  const count = row * countsOfRow;
  const text = row * textsOfRow;
  const kind = counts[count + 4] ?? 0;
  const message = newMessage(node, texts[text] ?? "", numbers[number + 1] ?? 0, births[kind & 3] ?? "unknown");
  message.doneMs = numbers[number] ?? 0;
  message.acceptedMs = numbers[number + 2] ?? 0;
  message.order = numbers[number + 3] ?? 0;
  message.flags = counts[count + 1] ?? 0;
  message.messageHash = counts[count + 3] ?? 0;
  message.state = "done";
  message.queue = queueNames[(kind >> 2) & 3] ?? "incoming";
  message.nrcpt = (kind >> 4) & 1;
  message.named = (kind >> 5) & 1;
  message.clientIp = texts[text + 1] ?? null;
  message.sender = texts[text + 2] ?? null;
  message.first = texts[text + 3] ?? "";
  const domain = texts[text + 4] ?? null;
  if (domain === null) return message;
  const way = counts[count + 5] ?? 0;
  const unit = emptyUnit(node, directions[way & 3] ?? "in", false, domain);
  unit.message = message;
  unit.acceptedMs = message.acceptedMs;
  unit.dueMs = message.arrivalMs;
  unit.waitMs = numbers[number + 4] ?? 0;
  unit.recentSecond = numbers[number + 5] ?? 0;
  unit.flags = counts[count + 2] ?? 0;
  unit.phase = phases[(way >> 2) & 7] ?? "left";
  unit.attribution = attributions[(way >> 5) & 7] ?? "own";
  message.units = [unit];
  if ((way & isRest) !== 0) message.rest = unit;
  if ((way & isFirst) !== 0) message.firstUnit = unit;
  return message;
}

const births = ["client", "pickup", "node", "unknown"] as const satisfies readonly Message["birth"][];
const isRest = 256;
const isFirst = 512;
const numbersOfRow = 6;
const countsOfRow = 6;
const textsOfRow = 5;
const rowsOfPage = 256;
