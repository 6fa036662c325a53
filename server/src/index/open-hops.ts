import { InOrder } from "../core/sketch/in-order.ts";
import type { HopRecord } from "./record.ts";

/** What the store can be asked for while lines are followed. */
export interface StoredHops {
  /** Postfix instances whose messages are there, but for the one that is called postfix. */
  instances(): readonly { readonly node: string; readonly instance: string }[];
  /** The newest on this node, whatever its instance when that is null. */
  newestById(node: string, instance: string | null, queueId: string): HopRecord | null;
  /** Newest first. */
  byMessageId(messageId: string, limit: number): HopRecord[];
}

/** More are not kept in memory, nor those with many recipients: the store has them. */
const most = 20_000;
const manyRecipients = 8;

/** The records that lines have spoken of lately, and those of them that are to be stored. */
export class OpenHops {
  /** By queue id: the same one on several nodes is rare. */
  readonly #byId = new InOrder<HopRecord[]>();
  readonly #changed = new Set<HopRecord>();
  readonly #stored: StoredHops;
  readonly #most: number;

  constructor(stored: StoredHops, atMost = most) {
    this.#stored = stored;
    this.#most = atMost;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** In memory. */
  recent(node: string, instance: string | null, queueId: string): HopRecord | null {
    const same = this.#byId.get(queueId);
    return same?.findLast((hop) => hop.node === node && (instance === null || hop.instance === instance)) ?? null;
  }

  /** In memory or in the store. */
  find(node: string, instance: string | null, queueId: string): HopRecord | null {
    const recent = this.recent(node, instance, queueId);
    if (recent !== null) return recent;
    const stored = this.#stored.newestById(node, instance, queueId);
    if (stored === null) return null;
    this.add(stored);
    return stored;
  }

  /** On any node, in memory: filters may run on a host of their own. */
  anywhere(queueId: string): HopRecord | null {
    return this.#byId.get(queueId)?.at(-1) ?? null;
  }

  /** The one that is in memory in place of one that was read. */
  same(hop: HopRecord): HopRecord {
    return this.#byId.get(hop.queueId)?.find(({ rowId }) => rowId === hop.rowId) ?? hop;
  }

  /** Takes the place of an older message that had this id. */
  add(hop: HopRecord): void {
    const others = this.#byId
      .get(hop.queueId)
      ?.filter((each) => each.node !== hop.node || each.instance !== hop.instance);
    this.#byId.put(
      hop.queueId,
      others === undefined || others.length === 0 ? [hop] : [...others.slice(-mostOfOneId), hop],
    );
  }

  /** It is to be stored. */
  touch(hop: HopRecord): void {
    this.#changed.add(hop);
  }

  /** What changed since the last time; forgets the oldest of what is stored. */
  takeChanged(): HopRecord[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const hop of changed) if (hop.recipients.length > manyRecipients) this.#byId.delete(hop.queueId);
    while (this.#byId.size > this.#most) this.#byId.dropOldest();
    return changed;
  }

  /** After a failed write: what is in memory says that it is stored, and is not. */
  clear(): void {
    this.#byId.clear();
    this.#changed.clear();
  }
}

const mostOfOneId = 15;
