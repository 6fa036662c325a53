import type { EpochMs, Millis } from "@mailtide/shared";
import { createDelivery } from "./delivery.ts";
import { createDoor } from "./door.ts";
import { createFilter, filterHop, loopback } from "./filter.ts";
import { createAsking } from "./lookup.ts";
import { nameOf, portionsOf, type Portion, type QueueFile } from "./message.ts";
import type { NodeParts } from "./node-parts.ts";
import type { Process } from "./processes.ts";
import { createQueueBook, type QueueBook } from "./queue-book.ts";
import { createQueueManager, newFile, type QueueManager } from "./queue-manager.ts";
import { createTransport, type Job, type Transport } from "./transport.ts";
import type { Door, Session } from "./world.ts";

/** One Postfix host: doors, queue manager, content filter, delivery. */
export interface MailNode {
  readonly name: string;
  readonly door: Door;
  readonly book: QueueBook;
  /** A mail for a host that has been dead for days. */
  inherit(arrivalMs: EpochMs, dueMs: EpochMs, sender: string, recipient: string): void;
  /** Once a second: whatever may have changed outside is looked at. */
  tick(): void;
}

/** initial_destination_concurrency, postconf(5). */
const initialConcurrency = 5;
/** At least so many smtp(8) run side by side, whatever the capacity: one slow host must not stop a small site. */
const leastAgents = 8;

export function createMailNode(parts: NodeParts): MailNode {
  const { agenda, random, log, world, scenario, truth, tally, name } = parts;
  const { platform } = scenario;
  const book = createQueueBook(name, platform.queue.runDelaySeconds * 1000);
  const ask = createAsking(scenario, world.conditions);
  const cleanup = parts.processes("postfix/cleanup");
  const bouncers = parts.processes("postfix/bounce");
  const suspendMs = platform.queue.minimalBackoffSeconds * 1000;
  const manager = (): QueueManager => queueManager;

  const delivery = createDelivery({ ...parts, manager, ask });
  const agents = Math.max(
    leastAgents,
    Math.ceil((platform.delivery.capacity * scenario.rate * platform.delivery.serviceSeconds) / platform.nodes.length),
  );
  const outward = createTransport({
    agenda,
    processes: () =>
      queueManager.isRunning
        ? Math.floor(agents * world.conditions.capacity("delivery", name, agenda.nowMs) + 1e-9)
        : 0,
    limit: platform.delivery.perDestination,
    initial: initialConcurrency,
    suspendMs,
    start: delivery.deliver,
    suspended: delivery.suspended,
    blocked(job, { whose }) {
      if (whose === "own") return;
      for (const { unit } of job.portions) if (unit !== null) truth.units.remote(unit, agenda.nowMs, Infinity);
    },
    unblocked(job) {
      for (const { unit } of job.portions) {
        if (unit !== null && unit.remoteSinceMs !== null) truth.units.retry(unit, agenda.nowMs);
      }
    },
  });
  const filterTransport = platform.filter === null ? null : createFilterTransport(platform.filter);

  function createFilterTransport(settings: NonNullable<typeof platform.filter>): Transport {
    const filter = createFilter({ ...parts, settings, manager, reinject });
    return createTransport({
      agenda,
      processes: () => (queueManager.isRunning ? filter.scanners() : 0),
      limit: 10_000,
      initial: 10_000,
      suspendMs,
      start: filter.scan,
      suspended: delivery.suspended,
      blocked: () => undefined,
      unblocked: () => undefined,
    });
  }

  const queueManager = createQueueManager({
    ...parts,
    book,
    filterHop,
    transport: (file) => (file.next === "filter" && filterTransport !== null ? filterTransport : outward),
    notify,
  });

  function accept(session: Session): void {
    const nowMs = agenda.nowMs;
    const portions = portionsOf(session.recipients, () => truth.units.accept(nowMs));
    tally.accepted += portions.length;
    const { client, sender, sizeBytes, messageId, hostile } = session;
    const next = platform.filter === null ? "destination" : "filter";
    const file = create({ client, sender, sizeBytes, messageId, hostile, next, ownBounce: false, portions });
    const login = session.saslUser === null ? "" : `, sasl_method=PLAIN, sasl_username=${session.saslUser}`;
    door.say(session, `${file.queueId}: client=${nameOf(client)}${login}`);
    log.say(cleanup.any(), `${file.queueId}: message-id=<${messageId}>`);
    queueManager.arrived(file);
  }

  function reinject(job: Job, process: Process): string {
    const { file } = job;
    const portions = job.portions.map((portion): Portion => ({ ...portion, failed: null }));
    const clean = create({ ...file, portions, client: loopback, next: "destination" });
    for (const portion of job.portions) queueManager.handedOver(job, portion);
    const original = nameOf(file.client ?? loopback);
    const id = clean.queueId;
    log.say(process, `${id}: client=${nameOf(loopback)}, orig_queue_id=${file.queueId}, orig_client=${original}`);
    log.say(cleanup.any(), `${id}: message-id=<${file.messageId}>`);
    queueManager.arrived(clean);
    return id;
  }

  /** The sender of an undeliverable mail is told, when it has one. */
  function notify(file: QueueFile, recipients: readonly string[]): void {
    if (file.sender === "" || recipients.length === 0) return;
    tally.bounces++;
    const notice = create({
      sender: "",
      sizeBytes: file.sizeBytes + 2_200,
      messageId: "",
      client: null,
      hostile: false,
      next: "destination",
      ownBounce: true,
      portions: portionsOf([file.sender], () => null),
    });
    const day = new Date(agenda.nowMs).toISOString().replace(/\D/g, "").slice(0, 14);
    log.say(cleanup.any(), `${notice.queueId}: message-id=<${day}.${notice.queueId}@${name}.mail.example>`);
    log.say(bouncers.any(), `${file.queueId}: sender non-delivery notification: ${notice.queueId}`);
    queueManager.arrived(notice);
  }

  /** A moment passes between the queue file and the queue manager. */
  function create(from: Omit<QueueFile, "queueId" | "arrivalMs" | Fresh>): QueueFile {
    const arrivalMs: Millis = agenda.nowMs - 20 - random.unit() * 60;
    return newFile({ ...from, queueId: parts.newQueueId(arrivalMs), arrivalMs }, agenda.nowMs);
  }

  const door = createDoor({ ...parts, ask, accept });
  return {
    name,
    door,
    book,
    inherit(arrivalMs, dueMs, sender, recipient) {
      const portions = portionsOf([recipient], () => null);
      tally.initial += portions.length;
      const sizeBytes = 4_000 + random.below(20_000);
      const client = null;
      const plain = { sender, sizeBytes, client, messageId: "", hostile: false, ownBounce: false } as const;
      const queueId = parts.newQueueId(arrivalMs);
      const file = newFile({ ...plain, queueId, arrivalMs, next: "destination", portions }, arrivalMs);
      const { name: host, ip } = world.destination(portions[0]?.domain ?? "");
      const reason = `connect to ${host}[${ip}]:25: Connection timed out`;
      queueManager.inherited(file, { dueMs, whose: "remote", reason, reasonClass: "connect-timeout" });
    },
    tick() {
      log.tick();
      door.tick();
      queueManager.tick();
      filterTransport?.pump();
      outward.pump();
    },
  };
}

type Fresh = "place" | "activeMs" | "underWay" | "bounced" | "deferral";
