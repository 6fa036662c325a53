import type { EpochMs, NodeId } from "@mailtide/shared";
import type { Steps } from "../steps.ts";
import { hashOf } from "../text/text-table.ts";
import type { Message } from "./message.ts";
import { fits, Shelf } from "./shelf.ts";

/** The row that stands for a message which is put away. */
export type Row = number;

/** The messages of a node. */
export interface Book {
  readonly node: NodeId;
  /** The row is to stand for the message from now on: false where that cannot be. */
  putAway(message: Message, hash: number, row: Row): boolean;
  /** It stands there itself again. */
  takeBack(message: Message, row: Row): void;
  forgetRow(hash: number, row: Row): void;
}

/** So long after its end most of what is still said of a message has been said. */
const putAwayMs = 4_000;
const perStep = 250;

/** Messages that are done and not forgotten yet, in the order of their ends. After some seconds they are put away as rows. */
export class Done {
  /** The ones before `#first` are forgotten, those before `#warm` put away where that is possible. */
  #list: (Message | Row)[] = [];
  #first = 0;
  #warm = 0;
  readonly #shelf = new Shelf<Book>();

  add(message: Message): void {
    this.#list.push(message);
  }

  /** It is not done after all; false where it is not among them. */
  remove(message: Message): boolean {
    const place = this.#list.lastIndexOf(message);
    if (place < this.#first) return false;
    this.#list.splice(place, 1);
    if (place < this.#warm) this.#warm -= 1;
    return true;
  }

  readonly idOf = (row: Row): string => this.#shelf.idOf(row);

  /** The message for which the row stood. */
  take(row: Row): Message {
    return this.#takeAt(this.#list.lastIndexOf(row), row);
  }

  takeAll(): void {
    for (let place = this.#first; place < this.#warm; place++) {
      const each = this.#list[place];
      if (typeof each === "number") this.#takeAt(place, each);
    }
  }

  /** All of them, taken back. */
  all(): readonly Message[] {
    this.takeAll();
    return this.#list.slice(this.#first).filter((each) => typeof each !== "number");
  }

  restore(messages: readonly Message[]): void {
    this.#list = [...messages];
    this.#first = this.#warm = 0;
  }

  /** Those in front are only passed over: moving the rest of a long list up every second costs more than their places. */
  *forget(beforeMs: EpochMs, forget: (message: Message) => void, forgetUnits: (count: number) => void): Steps {
    while (this.#forgetSome(beforeMs, forget, forgetUnits)) yield;
    if (this.#warm < this.#first) this.#warm = this.#first;
    if (2 * this.#first < this.#list.length) return;
    this.#list = this.#list.slice(this.#first);
    this.#warm -= this.#first;
    this.#first = 0;
  }

  /** What ended some seconds ago is put away. */
  *putAway(nowMs: EpochMs, bookOf: (message: Message) => Book | undefined): Steps {
    while (this.#putSomeAway(nowMs - putAwayMs, bookOf)) yield;
  }

  /** True where there may be more. A plain function, as the next: engines do not make the loops of generators fast. */
  #forgetSome(beforeMs: EpochMs, forget: (message: Message) => void, forgetUnits: (count: number) => void): boolean {
    for (let count = 0; count < perStep; count++) {
      const each = this.#list[this.#first];
      if (each === undefined) return false;
      if (typeof each === "number") {
        if (this.#shelf.doneMsOf(each) >= beforeMs) return false;
        this.#shelf.bookOf(each).forgetRow(this.#shelf.hashOf(each), each);
        this.#shelf.drop(each);
        forgetUnits(1);
      } else {
        if (each.doneMs >= beforeMs) return false;
        forget(each);
      }
      this.#first += 1;
    }
    return true;
  }

  #putSomeAway(beforeMs: EpochMs, bookOf: (message: Message) => Book | undefined): boolean {
    for (let count = 0; count < perStep; count++) {
      const message = this.#list[this.#warm];
      if (message === undefined) return false;
      if (typeof message !== "number") {
        if (message.doneMs >= beforeMs) return false;
        const book = bookOf(message);
        if (book !== undefined && fits(message)) this.#putOneAway(message, book);
      }
      this.#warm += 1;
    }
    return true;
  }

  #putOneAway(message: Message, book: Book): void {
    const hash = hashOf(message.id);
    const row = this.#shelf.put(message, hash, book);
    if (book.putAway(message, hash, row)) this.#list[this.#warm] = row;
    else this.#shelf.drop(row);
  }

  #takeAt(place: number, row: Row): Message {
    const book = this.#shelf.bookOf(row);
    const message = this.#shelf.take(row);
    this.#list[place] = message;
    book.takeBack(message, row);
    return message;
  }
}
