import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type PagerDutyRequest, problemsOf } from "./pagerduty-contract.ts";

/** Everything that reached the double, taken or not. */
export interface ReceivedEvent {
  readonly atMs: number;
  readonly status: number | "hung" | "closed";
  readonly action: string | null;
  readonly key: string | null;
  readonly event: PagerDutyRequest | null;
  readonly errors: readonly string[];
  /** What the event did to the alert of its key; `dropped` for a late acknowledge or resolve. */
  readonly effect: "opened" | "repeated" | "acknowledged" | "resolved" | "dropped" | null;
  readonly bodyBytes: number;
}

export interface AlertOfKey {
  readonly state: "triggered" | "acknowledged" | "resolved";
  /** How many alerts this key has opened, one after the other. */
  readonly opened: number;
}

/** What the next request gets instead of an answer by the contract; they are used up in order. */
export type Script =
  | { readonly answer: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | "hang"
  | "close"
  /** Takes the event and then loses the answer: the sender cannot know. */
  | "take-and-close";

export interface PagerDutyDouble {
  /** Address of `/v2/enqueue`. */
  readonly url: string;
  readonly received: readonly ReceivedEvent[];
  /** Events that were taken (202), for one key or for all. */
  accepted(key?: string): readonly ReceivedEvent[];
  alert(key: string): AlertOfKey | undefined;
  keys(): readonly string[];
  script(...answers: readonly Script[]): void;
  /** Answers every request so until told otherwise; null: by the contract again. */
  always(answer: Script | null): void;
  stop(): Promise<void>;
}

/**
 * PagerDuty's Events API v2 as documented, on a loopback port: refuses what the real one refuses, and keeps the state of
 * alerts as it does (a key that was resolved opens a new alert; acknowledge and resolve of what is not open are dropped,
 * with 202 all the same).
 */
export async function startPagerDuty(
  options: { readonly routingKeys?: readonly string[] } = {},
): Promise<PagerDutyDouble> {
  const received: ReceivedEvent[] = [];
  const alerts = new Map<string, AlertOfKey>();
  const scripts: Script[] = [];
  let standing: Script | null = null;

  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const { event, problem } = problemsOf(request, body, options.routingKeys);
    const script = scripts.shift() ?? standing;
    const note = (
      status: ReceivedEvent["status"],
      effect: ReceivedEvent["effect"],
      errors: readonly string[],
    ): void => {
      const { event_action: action, dedup_key: key } = event ?? {};
      received.push({
        atMs: Date.now(),
        status,
        action: typeof action === "string" ? action : null,
        key: typeof key === "string" ? key : null,
        event,
        errors,
        effect,
        bodyBytes: body.length,
      });
    };
    if (script === "hang") return note("hung", null, []);
    if (script === "close") {
      note("closed", null, []);
      response.destroy();
      return;
    }
    if (script !== null && script !== "take-and-close") {
      note(script.answer, null, []);
      response.writeHead(script.answer, { "content-type": "application/json", ...script.headers });
      response.end(script.body ?? JSON.stringify({ status: "scripted", message: `answer ${script.answer}` }));
      return;
    }
    if (problem !== null || event === null) {
      const { status, errors } = problem ?? { status: 400, errors: ["no event"] };
      note(status, null, errors);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ status: "invalid event", message: "Event object is invalid", errors }));
      return;
    }
    const key = event.dedup_key ?? `made-${received.length}`;
    note(script === "take-and-close" ? "closed" : 202, apply(key, event.event_action ?? ""), []);
    if (script === "take-and-close") {
      response.destroy();
      return;
    }
    response.writeHead(202, { "content-type": "application/json" });
    response.end(JSON.stringify({ status: "success", message: "Event processed", dedup_key: key }));
  }

  function apply(key: string, action: string): ReceivedEvent["effect"] {
    const alert = alerts.get(key);
    const open = alert !== undefined && alert.state !== "resolved";
    if (action === "trigger") {
      if (!open) alerts.set(key, { state: "triggered", opened: (alert?.opened ?? 0) + 1 });
      return open ? "repeated" : "opened";
    }
    if (!open) return "dropped";
    const state = action === "acknowledge" ? "acknowledged" : "resolved";
    alerts.set(key, { ...alert, state });
    return state;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v2/enqueue`,
    received,
    accepted: (key) => received.filter((one) => one.effect !== null && (key === undefined || one.key === key)),
    alert: (key) => alerts.get(key),
    keys: () => [...alerts.keys()],
    script: (...answers) => void scripts.push(...answers),
    always: (answer) => void (standing = answer),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
