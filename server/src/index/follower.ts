import type { EpochMs } from "@mailtide/shared";
import { discardsMessage, refusesMessage, tellsAbort, tellsArrival, tellsEnvelope } from "../core/arrival.ts";
import type { MailEvent } from "../core/event.ts";
import { arrivalOfLongId } from "../core/model/long-queue-id.ts";
import { PendingSplits } from "../core/model/pending-splits.ts";
import { QueueKeys, queueIdOf } from "../core/model/queue-key.ts";
import type { LogObservation } from "../core/observation.ts";
import { noteDelivery, noteRecipient } from "./delivery.ts";
import { FilterPasses } from "./filter-passes.ts";
import { OpenHops, type StoredHops } from "./open-hops.ts";
import type { HopRecord, Origin } from "./record.ts";
import { cut, mostText } from "./text.ts";

/** Lines of different processes may overtake each other. */
const disorderMs = 2_000;

/** Makes records of messages from the lines of their nodes. Knows only the recent ones; the others it asks the store for. */
export class Follower {
  readonly hops: OpenHops;
  readonly passes: FilterPasses;
  readonly #keys = new Map<string, QueueKeys<HopRecord>>();
  readonly #splits = new PendingSplits();
  #nowMs: EpochMs = 0;

  constructor(stored: StoredHops) {
    this.hops = new OpenHops(stored);
    this.passes = new FilterPasses(this.hops, stored);
    for (const { node, instance } of stored.instances()) this.#keysOf(node).note(keyOf(instance, ""));
  }

  /** `nowMs`: the instant of the turn that these lines came with. */
  apply(observation: LogObservation, nowMs: EpochMs): void {
    this.#nowMs = nowMs;
    const { node, atMs, event } = observation;
    if (this.passes.take(node, atMs, event)) return;
    const queueId = cut(event.queueId, mostText.queueId);
    if (queueId === "" || queueId === "NOQUEUE") return;
    const key = this.#keysOf(node).of(event, queueId, atMs);
    const at: Place = { node, instance: instanceNamed(key, queueId), queueId, atMs };
    this.#splits.advance(atMs);
    const hop = this.#follow(at, event);
    if (hop === null) return;
    hop.lastMs = Math.max(hop.lastMs, atMs);
    this.hops.touch(hop);
  }

  /** Which Postfix instance of a node a line speaks of, as the delay model has it. */
  #keysOf(node: string): QueueKeys<HopRecord> {
    const known = this.#keys.get(node);
    if (known !== undefined) return known;
    const keys = new QueueKeys<HopRecord>({
      get: (key) => this.hops.recent(node, instanceNamed(key, queueIdOf(key)), queueIdOf(key)) ?? undefined,
      mayBeOf: ({ removedMs, origin, arrivalMs }, sinceMs) =>
        removedMs === null && (origin === "unknown" || arrivalMs <= sinceMs),
    });
    this.#keys.set(node, keys);
    return keys;
  }

  #follow(at: Place, event: MailEvent): HopRecord | null {
    switch (event.event) {
      case "client":
        return this.#client(at, event);
      case "message":
        return tellsAbort(event) ? null : this.#message(at, event);
      case "queued":
        return this.#queued(at, event);
      case "delivery":
        return this.#delivered(at, event);
      case "removed":
        return this.#removed(at, event);
      case "reject":
        return this.#refused(at, event);
      case "bounce-notice":
        return this.#bounced(at, event);
      case "other":
        return this.#other(at, event);
      case "warning":
        return refusesMessage(event) ? this.#refused(at, event) : null;
      case "connect":
      case "disconnect":
      case "auth-failure":
    }
    return null;
  }

  #client(at: Place, event: MailEvent): HopRecord {
    const hop = this.#fresh(at) ?? this.#create(at, "client", at.atMs);
    hop.origin = "client";
    hop.clientIp = event.clientIp ?? null;
    return hop;
  }

  #message(at: Place, event: MailEvent): HopRecord | null {
    if (event.action === "pickup") {
      const hop = this.#fresh(at) ?? this.#create(at, "local", at.atMs);
      hop.origQueueId = cut(event.origQueueId, mostText.queueId) || hop.origQueueId;
      if (hop.origQueueId !== null) this.#requeued({ ...at, queueId: hop.origQueueId });
      return noteEnvelope(hop, event);
    }
    if (!tellsArrival(event))
      return noteEnvelope(this.#known(at) ?? this.#create(at, "unknown", arrivalBy(at, event)), event);
    const origin = event.action === "bounce" ? "node" : event.clientIp === undefined ? "local" : "client";
    const hop = this.#fresh(at) ?? this.#create(at, origin, at.atMs);
    hop.clientIp = event.clientIp ?? null;
    hop.origQueueId = cut(event.origQueueId, mostText.queueId) || null;
    for (const to of event.recipients ?? []) noteRecipient(hop, to);
    noteEnvelope(hop, event);
    return event.action === "refused" ? this.#refused(at, event) : hop;
  }

  #queued(at: Place, event: MailEvent): HopRecord {
    const hop = this.#known(at) ?? this.#create(at, "node", at.atMs);
    if (tellsEnvelope(event)) noteRecipient(hop, event.to ?? "");
    return noteEnvelope(hop, event);
  }

  #delivered(at: Place, event: MailEvent): HopRecord {
    const hop = this.#known(at) ?? this.#create(at, "unknown", arrivalBy(at, event));
    if (discardsMessage(event)) {
      hop.removedMs ??= at.atMs;
      hop.ending ??= "removed";
    }
    return noteDelivery(hop, at.atMs, event);
  }

  #removed(at: Place, event: MailEvent): HopRecord | null {
    const hop = this.#known(at);
    if (hop === null) return null;
    hop.removedMs ??= at.atMs;
    hop.ending ??= event.action === "delete" ? "deleted" : "removed";
    return hop;
  }

  /** At the end of its data: nobody took it. A refused recipient says nothing of the message. */
  #refused(at: Place, event: MailEvent): HopRecord | null {
    const hop = this.#known(at);
    if (hop === null || !refusesMessage(event)) return hop;
    hop.removedMs ??= at.atMs;
    hop.ending ??= "refused";
    return noteEnvelope(hop, event);
  }

  #bounced(at: Place, event: MailEvent): HopRecord | null {
    const hop = this.#known(at);
    if (hop === null) return null;
    hop.bounceQueueId = cut(event.bounceQueueId, mostText.queueId) || null;
    // Sendmail gives up in these words alone.
    return event.status !== undefined ? noteDelivery(hop, at.atMs, event) : hop;
  }

  #other(at: Place, event: MailEvent): HopRecord | null {
    const hop = this.#known(at);
    if (event.splitQueueIds !== undefined) this.#divided(at, hop, event.splitQueueIds);
    if (refusesMessage(event)) return this.#refused(at, event);
    return event.action === "requeue" ? this.#requeued(at) : hop;
  }

  #requeued(at: Place): HopRecord | null {
    const hop = this.#known(at);
    if (hop === null) return null;
    hop.removedMs ??= at.atMs;
    hop.ending ??= "requeued";
    this.hops.touch(hop);
    return hop;
  }

  /** Recipients go on under these ids; of a queue file that is one itself it is told before anything else. */
  #divided(at: Place, hop: HopRecord | null, given: readonly string[]): void {
    const ids = given.map((id) => cut(id, mostText.queueId));
    if (hop === null) return this.#splits.add(splitKey(at, at.queueId), ids, at.atMs);
    const left = ids.map((queueId) => ({ queueId, from: hop }));
    for (const { queueId, from } of left) {
      const place = { ...at, queueId };
      const part = this.#known(place) ?? this.#create(place, from.origin, from.arrivalMs);
      if (part === from || part.origQueueId !== null) continue;
      part.origQueueId = from.queueId;
      part.messageId ??= from.messageId;
      part.sender ??= from.sender;
      part.clientIp ??= from.clientIp;
      part.sizeBytes ??= from.sizeBytes;
      this.hops.touch(part);
      for (const id of this.#splits.claim(splitKey(at, queueId))) left.push({ queueId: id, from: part });
    }
  }

  #known({ node, instance, queueId, atMs }: Place): HopRecord | null {
    const hop = this.hops.find(node, instance, queueId);
    return hop === null || isOver(hop, atMs) ? null : hop;
  }

  /** What another line of this same moment has made already. An older one with this id has lost it. */
  #fresh(at: Place): HopRecord | null {
    const hop = this.hops.recent(at.node, at.instance, at.queueId);
    return hop !== null && Math.abs(hop.arrivalMs - at.atMs) <= disorderMs && !isOver(hop, at.atMs) ? hop : null;
  }

  #create({ node, instance, queueId, atMs }: Place, origin: Origin, arrivalMs: EpochMs): HopRecord {
    const hop: HopRecord = {
      rowId: 0,
      node,
      instance,
      queueId,
      arrivalMs,
      firstMs: this.#nowMs,
      origin,
      lastMs: atMs,
      removedMs: null,
      ending: null,
      messageId: null,
      sender: null,
      clientIp: null,
      sizeBytes: null,
      nrcpt: 0,
      recipients: [],
      moreRecipients: 0,
      filters: [],
      origQueueId: null,
      bounceQueueId: null,
      found: { queueId: false, messageId: false, sender: false, recipients: 0, links: 0 },
    };
    this.hops.add(hop);
    return hop;
  }
}

interface Place {
  readonly node: string;
  readonly instance: string;
  readonly queueId: string;
  readonly atMs: EpochMs;
}

function noteEnvelope(hop: HopRecord, event: MailEvent): HopRecord {
  if (event.from !== undefined) hop.sender ??= cut(event.from, mostText.address);
  if (event.messageId !== undefined) hop.messageId ??= cut(event.messageId, mostText.messageId);
  hop.sizeBytes ??= event.size ?? null;
  if (event.nrcpt !== undefined) hop.nrcpt = Math.max(hop.nrcpt, event.nrcpt);
  return hop;
}

/** A line long after the end is of another message with the same id. */
function isOver(hop: HopRecord, atMs: EpochMs): boolean {
  return hop.removedMs !== null && atMs - hop.removedMs > disorderMs;
}

/** Of a message first seen in the middle. */
function arrivalBy({ queueId, atMs }: Place, { delay }: MailEvent): EpochMs {
  return delay === undefined ? (arrivalOfLongId(queueId) ?? atMs) : atMs - Math.round(delay * 1_000);
}

/** `mx-out` of `mx-out/ID`; "" of an id alone. */
const instanceNamed = (key: string, queueId: string): string =>
  key.slice(0, key.length - queueId.length).replace(/\/$/, "");
const splitKey = ({ node, instance }: Place, queueId: string): string => `${node} ${keyOf(instance, queueId)}`;
const keyOf = (instance: string, queueId: string): string => `${instance}/${queueId}`;
