import { incidentId, siteId } from "@mailtide/shared";
import type { IncidentView, LiveState, Scope } from "@mailtide/shared";
import type { CommandOutcome, Principal } from "../src/core/principal.ts";
import { createServer } from "../src/http/server.ts";
import type { HostsPort, IndexHealth, MailtideServer, WritePort } from "../src/http/ports.ts";
import type { AuditEntry, AuthSettings, KeyValue, ServerSettings } from "../src/http/settings.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { createMetrics } from "../src/observe/metrics.ts";
import type { Metrics } from "../src/observe/metrics.ts";
import { createGateway } from "../src/stream/gateway.ts";
import type { GatewayLimits } from "../src/stream/gateway.ts";
import { calmSections, someMs } from "./sections.ts";

/** A served Mailtide with nothing behind it: what it was asked to do is kept. */
export interface Serving {
  readonly server: MailtideServer;
  readonly url: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly state: MemoryState;
  readonly asked: Asked[];
  clock: { nowMs: number };
}
export interface Asked {
  readonly what: string;
  readonly by: string;
  readonly with: unknown;
}

export interface MemoryState extends KeyValue {
  readonly values: Map<string, string>;
  readonly audited: AuditEntry[];
}
export function memoryState(values = new Map<string, string>()): MemoryState {
  const audited: AuditEntry[] = [];
  return {
    values,
    audited,
    get: async (key) => values.get(key) ?? null,
    async set(key, value) {
      if (value === null) values.delete(key);
      else values.set(key, value);
    },
    async audit(entry) {
      audited.push(entry);
    },
  };
}

export const secrets = {
  wall: "wall-secret-0123456789",
  ack: "ack-secret-0123456789",
  deploy: "deploy-secret-0123456789",
  admin: "admin-secret-0123456789",
} as const;
const tokenScopes: Record<keyof typeof secrets, readonly Scope[]> = {
  wall: ["read"],
  ack: ["read", "ack"],
  deploy: ["change"],
  admin: ["admin"],
};
export const someTokens: AuthSettings["tokens"] = (Object.keys(secrets) as (keyof typeof secrets)[]).map((name) => ({
  name,
  secret: { reveal: () => secrets[name] },
  scopes: tokenScopes[name],
}));

export async function serve(
  said: {
    readonly settings?: Partial<ServerSettings>;
    readonly auth?: AuthSettings;
    readonly limits?: Partial<GatewayLimits>;
    readonly state?: MemoryState;
    readonly clientFolder?: string;
    readonly turnLimitSeconds?: number;
    readonly answer?: CommandOutcome;
    readonly indexFigures?: () => IndexHealth;
    readonly writes?: WritePort;
    readonly hosts?: HostsPort;
  } = {},
): Promise<Serving> {
  const clock = { nowMs: someMs };
  const state = said.state ?? memoryState();
  const metrics = createMetrics({ process: false });
  const asked: Asked[] = [];
  const note = (what: string, by: Principal, given: unknown): CommandOutcome => {
    asked.push({ what, by: by.name, with: given });
    return said.answer ?? { ok: true };
  };
  const commands = {
    acknowledge: async (id: unknown, by: Principal) => note("acknowledge", by, id),
    silence: async (request: unknown, by: Principal) => note("silence", by, request),
  };
  const now = (): number => clock.nowMs;
  const changes = new Map<string, unknown>();
  const server = await createServer({
    settings: { host: "127.0.0.1", port: 0, ...said.settings },
    auth: said.auth ?? { tokens: someTokens },
    state,
    commands,
    ...(said.writes === undefined ? {} : { writes: said.writes }),
    changes: {
      async record(change, by) {
        const known = changes.has(change.id);
        if (!known) note("change", by, change);
        changes.set(change.id, change);
        return known ? "known" : "recorded";
      },
      async end(id, endAtMs, by) {
        if (!changes.has(id)) return "unknown";
        note("change-end", by, { id, endAtMs });
        return "ended";
      },
    },
    metrics,
    stream: (http, access) =>
      createGateway({
        server: http,
        access,
        commands,
        audit: (entry) => state.audit(entry),
        metrics,
        logger: silentLogger,
        now,
        limits: { frameEveryMs: 10, ...said.limits },
      }),
    clientFolder: said.clientFolder ?? null,
    indexFigures: said.indexFigures,
    hosts: said.hosts,
    logger: silentLogger,
    now,
    ...(said.turnLimitSeconds === undefined ? {} : { turnLimitSeconds: said.turnLimitSeconds }),
  });
  const { url, port } = await server.listen();
  return { server, url, port, metrics, state, asked, clock };
}

/** A calm state at second `n`; `padding` is text of that many characters which does not deflate, to fill buffers. */
export function stateAt(n: number, padding = 0): LiveState {
  return {
    ...calmSections(),
    meta: {
      site: { id: siteId("main"), name: noise(padding), timezone: "UTC", locale: "en" },
      mode: "live",
      nowMs: someMs + n * 1000,
      speed: 1,
      version: "1.0.0",
      targetSeconds: 300,
    },
    incidents: { incidents: [someIncident], outbox: { waiting: 0, oldestSeconds: null, failing: null } },
    trend: { stepSeconds: 60, atMs: [], headlineSeconds: [], marks: [] },
  };
}

function noise(characters: number): string {
  let text = "";
  for (let word = 1; text.length < characters; word = (Math.imul(word, 1_664_525) + 1_013_904_223) | 0)
    text += (word >>> 0).toString(36);
  return text.slice(0, characters);
}

export const someIncident: IncidentView = {
  id: incidentId("inc-1"),
  state: "open",
  severity: "page",
  title: {
    id: "t",
    params: { minutes: 7 },
    parts: [{ text: "Mail is " }, { durationSeconds: 420, strong: true }, { text: " late" }],
  },
  startedAtMs: someMs,
  resolvedAtMs: null,
  acknowledgedAtMs: null,
  acknowledgedBy: null,
  pageSentAtMs: someMs + 1000,
  alerts: [],
  changes: [{ title: "push 42", startAtMs: someMs - 60_000, link: null }],
};
