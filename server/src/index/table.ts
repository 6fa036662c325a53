import type { EpochMs } from "@mailtide/shared";
import { type Engine, type Row, setting, type Value } from "../store/embedded/engine.ts";
import type { StoredHops } from "./open-hops.ts";
import type { HopRecord } from "./record.ts";
import { allColumns, changingColumns, changingValues, fixedColumns, fixedValues, hopOf } from "./rows.ts";
import { takeTerms, termOf, termsOf, type TermKind } from "./terms.ts";

/** As many terms go in by one statement: calls cost more than rows. */
const termsAtOnce = 64;

export interface Span {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}
const always: Span = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

export interface Forgotten {
  readonly forAge: number;
  readonly forRoom: number;
}

/** The tables of the index. All of it is synchronous and belongs in the index' thread. */
export class HopTable implements StoredHops {
  readonly #engine: Engine;
  readonly #insert;
  readonly #update;
  readonly #addTerms;
  readonly #addTerm;
  readonly #byTerm;
  readonly #oldest;
  readonly #deleteHop;
  readonly #deleteTerm;

  constructor(engine: Engine) {
    this.#engine = engine;
    const columns = [...fixedColumns, ...changingColumns];
    this.#insert = engine.prepare(
      `INSERT INTO hop (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    this.#update = engine.prepare(
      `UPDATE hop SET ${changingColumns.map((name) => `${name} = ?`).join(", ")} WHERE id = ?`,
    );
    this.#addTerms = engine.prepare(intoTerms(termsAtOnce));
    this.#addTerm = engine.prepare(intoTerms(1));
    const named = allColumns.map((name) => `hop.${name}`).join(", ");
    this.#byTerm = engine.prepare(
      `SELECT ${named} FROM term JOIN hop ON hop.id = term.hop
       WHERE term.hash = ? AND term.second BETWEEN ? AND ? ORDER BY term.second DESC, term.hop DESC LIMIT ?`,
    );
    this.#oldest = engine.prepare(`SELECT ${allColumns.join(", ")} FROM hop ORDER BY id LIMIT ?`);
    this.#deleteHop = engine.prepare("DELETE FROM hop WHERE id = ?");
    this.#deleteTerm = engine.prepare("DELETE FROM term WHERE hash = ? AND second = ? AND hop = ?");
  }

  /** Within a transaction. Those that were forgotten meanwhile stay forgotten. */
  save(hops: readonly HopRecord[]): void {
    const terms: Value[][] = [];
    for (const hop of hops) {
      if (hop.rowId === 0) hop.rowId = this.#insert.run(...fixedValues(hop), ...changingValues(hop)).lastId;
      else if (this.#update.run(...changingValues(hop), hop.rowId).changes === 0) continue;
      const second = secondOf(hop.arrivalMs);
      for (const hash of takeTerms(hop)) terms.push([hash, second, hop.rowId]);
    }
    // In the order of the tree each of its pages is visited once.
    terms.sort((a, b) => Number(a[0]) - Number(b[0]));
    let at = 0;
    for (; at + termsAtOnce <= terms.length; at += termsAtOnce) {
      this.#addTerms.run(...terms.slice(at, at + termsAtOnce).flat());
    }
    for (; at < terms.length; at++) this.#addTerm.run(...(terms[at] ?? []));
  }

  /** The newest arrival first; those that are found by a term, as far as `is` agrees. */
  byTerm(kind: TermKind, text: string, limit: number, is: (hop: HopRecord) => boolean, span = always): HopRecord[] {
    const rows = this.#byTerm.all(termOf(kind, text), secondOf(span.fromMs), secondOf(span.toMs), limit);
    return rows.map(hopOf).filter(is);
  }

  newestById(node: string, instance: string | null, queueId: string): HopRecord | null {
    const is = (hop: HopRecord): boolean =>
      hop.queueId === queueId && hop.node === node && (instance === null || hop.instance === instance);
    return this.byTerm("queueId", queueId, 20, is)[0] ?? null;
  }

  instances(): { readonly node: string; readonly instance: string }[] {
    const rows = this.#engine.prepare("SELECT DISTINCT node, instance FROM hop WHERE instance <> ''").all();
    return rows.map(([node, instance]) => ({ node: String(node), instance: String(instance) }));
  }

  byMessageId(messageId: string, limit: number, span = always): HopRecord[] {
    return this.byTerm("messageId", messageId, limit, (hop) => hop.messageId === messageId, span);
  }

  /** Within a transaction: forgets at most so many of the oldest, as long as they are too old or too much. */
  forget(beforeMs: EpochMs, maxBytes: number, atMost: number): Forgotten {
    let forAge = 0;
    let forRoom = 0;
    let isFull = false;
    let rows: Row[] = [];
    const done = (): Forgotten => ({ forAge, forRoom });
    for (let count = 0; count < atMost; count++) {
      const at = count % rowsAtOnce;
      if (at === 0) rows = this.#oldest.all(rowsAtOnce);
      const row = rows[at];
      if (row === undefined) return done();
      const hop = hopOf(row);
      // Asking costs as much as forgetting.
      if (count % 25 === 0) isFull = this.usedBytes() > maxBytes;
      if (hop.firstMs < beforeMs) forAge += 1;
      else if (isFull) forRoom += 1;
      else return done();
      const second = secondOf(hop.arrivalMs);
      for (const hash of termsOf(hop)) this.#deleteTerm.run(hash, second, hop.rowId);
      this.#deleteHop.run(hop.rowId);
    }
    return done();
  }

  /** Of pages that hold something. */
  usedBytes(): number {
    const number = (name: string): number => Number(setting(this.#engine, name));
    return (number("page_count") - number("freelist_count")) * number("page_size");
  }

  /** Ids come in order and go in order. */
  extent(): { readonly hops: number; readonly oldestMs: EpochMs | null } {
    const [count, oldest] = this.#engine
      .prepare("SELECT coalesce(max(id) - min(id) + 1, 0), (SELECT first_ms FROM hop ORDER BY id LIMIT 1) FROM hop")
      .one() ?? [0, null];
    return { hops: Number(count), oldestMs: oldest === null ? null : Number(oldest) };
  }

  get lastSeq(): number {
    return Number(this.#engine.prepare("SELECT seq FROM last_turn").one()?.[0] ?? 0);
  }

  set lastSeq(seq: number) {
    this.#engine.prepare("UPDATE last_turn SET seq = ?").run(seq);
  }
}

const rowsAtOnce = 100;

function intoTerms(rows: number): string {
  const values = Array.from({ length: rows }, () => "(?, ?, ?)");
  return `INSERT OR IGNORE INTO term (hash, second, hop) VALUES ${values.join(", ")}`;
}

function secondOf(atMs: EpochMs): number {
  return Math.floor(Math.max(0, atMs) / 1_000);
}
