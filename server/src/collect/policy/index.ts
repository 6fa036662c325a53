import { collectorId, type NodeId } from "@mailtide/shared";
import { z } from "zod";
import type { MailEvent } from "../../core/event.ts";
import type { LogObservation } from "../../core/observation.ts";
import type { CollectorContext, PushCollector } from "../collector.ts";
import { pause } from "../lines/line-way.ts";
import type { NodePlugin } from "../plugin.ts";
import { canonicalIp } from "../syslog/ip.ts";
import { addressList, listenAddress } from "../syslog-in/addresses.ts";
import type { PolicyRequest } from "./request.ts";
import { listenForPolicy } from "./server.ts";

const config = z.strictObject({
  /** Where Postfix asks. */
  listen: listenAddress.prefault("127.0.0.1:10040"),
  /** Who may ask. */
  address: addressList.default(["127.0.0.0/8", "::1"]),
  required: z.boolean().default(false),
});
type Options = z.infer<typeof config>;

/** A policy server that lets everything through and hears of every message before it is delivered. */
export const postfixPolicy: NodePlugin<"postfix-policy", typeof config> = {
  type: "postfix-policy",
  config,
  create: (options, { id, hasLog }) => createPolicyCollector(options, id, hasLog === true),
};

function createPolicyCollector(options: Options, node: NodeId, hasLog: boolean): PushCollector {
  const ended = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    kind: "push",
    id: collectorId(`${node}/postfix-policy`),
    node,
    required: options.required,
    limitSeconds: 10,
    start(context) {
      running = run(options, new Asked(node, hasLog, context), context, ended.signal);
      return Promise.resolve();
    },
    async stop() {
      ended.abort();
      await running;
    },
  };
}

async function run({ listen, address }: Options, heard: Asked, context: CollectorContext, ended: AbortSignal) {
  const at = { listen, address, asked: (request: PolicyRequest) => heard.note(request) };
  while (!ended.aborted) {
    try {
      const close = await listenForPolicy(at);
      while (!ended.aborted) {
        const observations = heard.take();
        if (observations.length > 0) await context.sink({ observations });
        const { problem } = heard;
        context.health(problem === null ? "ok" : "failing", problem);
        await pause(everyMs, ended);
      }
      await close();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      context.health("failing", `cannot listen at ${listen.host}:${listen.port}: ${why}`);
      await pause(retryMs, ended);
    }
  }
}

/**
 * Each message is one `client` event of its source, however many recipients are asked for. Where the node's log is read
 * too, that tells the same a moment later and with the queue id, so that only `stress` is passed on: nothing counts twice.
 */
class Asked {
  readonly #node: NodeId;
  readonly #hasLog: boolean;
  readonly #context: CollectorContext;
  #observations: LogObservation[] = [];
  #instances = new Set<string>();
  #instancesBefore = new Set<string>();
  #stressToldMs = -Infinity;
  /** Of all since the start. */
  #dropped = 0;
  #droppedMs = -Infinity;

  constructor(node: NodeId, hasLog: boolean, context: CollectorContext) {
    this.#node = node;
    this.#hasLog = hasLog;
    this.#context = context;
  }

  note(request: PolicyRequest): void {
    const nowMs = this.#context.now();
    if (request.stress === "yes" && nowMs - this.#stressToldMs >= 60_000) {
      this.#stressToldMs = nowMs;
      this.#add({ event: "warning", process, reason: "stress=yes: every smtpd process is busy" }, nowMs);
    }
    if (!this.#hasLog && this.#isFirst(request.instance)) this.#add(clientOf(request), nowMs);
  }

  /** What found no room is told for a while: it is over, and nothing would ever take it back. */
  get problem(): string | null {
    const isOver = this.#context.now() - this.#droppedMs >= tellForMs;
    return isOver ? null : `${this.#dropped} messages were too many to be noted`;
  }

  take(): readonly LogObservation[] {
    const taken = this.#observations;
    this.#observations = [];
    return taken;
  }

  #isFirst(instance = ""): boolean {
    if (instance === "") return true;
    if (this.#instances.has(instance) || this.#instancesBefore.has(instance)) return false;
    if (this.#instances.size >= mostInstances) {
      this.#instancesBefore = this.#instances;
      this.#instances = new Set();
    }
    this.#instances.add(instance);
    return true;
  }

  #add(event: MailEvent, atMs: number): void {
    if (this.#observations.length < mostWaiting) {
      this.#observations.push({ kind: "log", node: this.#node, atMs, event });
      return;
    }
    this.#dropped += 1;
    this.#droppedMs = atMs;
  }
}

function clientOf(request: PolicyRequest): MailEvent {
  const event: MailEvent = { event: "client", process };
  const ip = canonicalIp(request.client_address ?? "");
  const size = Number(request.size);
  if (ip !== undefined) event.clientIp = ip;
  if (request.client_name !== undefined && request.client_name !== "") event.clientName = request.client_name;
  if (request.sasl_username !== undefined && request.sasl_username !== "") event.saslUsername = request.sasl_username;
  if (request.sender !== undefined) event.from = request.sender;
  if (request.recipient !== undefined && request.recipient !== "") event.to = request.recipient;
  if (Number.isSafeInteger(size) && size > 0) event.size = size;
  return event;
}

const process = "policy";
const everyMs = 200;
const retryMs = 5_000;
const tellForMs = 600_000;
const mostWaiting = 20_000;
const mostInstances = 50_000;
