import type { LiveState, Seconds } from "@mailtide/shared";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { showLiveState } from "./gauges.ts";
import { type IndexCounts, showIndex } from "./index-figures.ts";

export type Metrics = ReturnType<typeof createMetrics>;

export interface AgentGauges {
  readonly clockOffsetSeconds: Seconds | null;
  readonly behindSeconds: Seconds;
  readonly spoolBytes: number;
  readonly lostLines: number;
}

export interface MetricsOptions {
  /** False: nothing of the process itself. */
  readonly process?: boolean;
  /** Bytes of log lines dropped so far. */
  readonly logDroppedBytes?: () => number;
}

const fastSeconds = [0.001, 0.005, 0.02, 0.1, 0.3, 1, 3];

/**
 * What Mailtide tells about itself, one function an event. Every label is a word of ours or an id from the
 * configuration; `bounded` cuts off whatever else might grow.
 */
export function createMetrics(options: MetricsOptions = {}) {
  const registry = new Registry();
  if (options.process !== false) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter({ name: `mailtide_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `mailtide_${name}`, help, registers });
  const histogram = <L extends string>(name: string, help: string, ...labelNames: L[]): Histogram<L> =>
    new Histogram({ name: `mailtide_${name}`, help, labelNames, registers, buckets: fastSeconds });

  const linesRead = counter("lines_read_total", "Log lines read", "collector");
  const linesParsed = counter("lines_parsed_total", "Log lines understood", "collector");
  const dropped = counter("dropped_total", "What was dropped, by where and why", "where", "reason");
  const turns = histogram("turn_seconds", "One turn of the pipeline");
  const commits = histogram("commit_seconds", "One commit of the state store");
  const polls = histogram("poll_seconds", "One call of a polling collector", "collector", "outcome");
  const sends = counter("notifications_total", "Attempts to notify", "notifier", "outcome");
  const seriesWrites = histogram("series_write_seconds", "One write to the series store", "outcome");
  const seriesPoints = counter("series_points_total", "Points stored");
  const clients = gauge("stream_clients", "Connected screens");
  const refusedClients = counter("stream_refused_total", "Screens refused", "reason");
  const shed = counter("stream_shed_total", "Screens disconnected because they read too slowly");
  const lagged = counter("stream_lagged_total", "Times a screen was set aside until its buffer was empty");
  const frames = histogram("stream_frame_seconds", "One frame handed to every screen");
  const frameBytes = counter("stream_frame_bytes_total", "Size of the frames, each counted once");
  const snapshots = counter("stream_snapshots_total", "Snapshots sent", "why");
  const requests = histogram("http_request_seconds", "Requests answered", "route", "method", "status");
  const signIns = counter("sign_ins_total", "Sign-ins", "kind");
  const refusedSignIns = counter("sign_ins_refused_total", "Refused secrets", "reason");
  const agentsRefused = counter("agent_requests_refused_total", "What agents sent and was refused", "reason");
  const ofAgent = (name: string, help: string) =>
    new Gauge({ name: `mailtide_agent_${name}`, help, labelNames: ["node"], registers });
  const agentClock = ofAgent("clock_offset_seconds", "What to add to the agent's clock to have the server's");
  const agentBehind = ofAgent("behind_seconds", "Age of the oldest that the agent has not sent");
  const agentSpool = ofAgent("spool_bytes", "What the agent keeps on its disk");
  const agentLost = ofAgent("lost_lines", "Log lines that the agent's spool had to drop, since it began");
  const { logDroppedBytes } = options;
  if (logDroppedBytes !== undefined)
    void new Counter({
      name: "mailtide_log_dropped_bytes_total",
      help: "Log lines dropped because nobody read stderr",
      registers,
      collect() {
        this.reset();
        this.inc(logDroppedBytes());
      },
    });
  const live = showLiveState(registry);
  const index = showIndex(registry);
  const bounded = labelGuard();

  return {
    contentType: registry.contentType,
    render: (): Promise<string> => registry.metrics(),
    /** The newest state, read when somebody scrapes. */
    showState: (state: LiveState): void => live.show(state),

    /** How the message index stands. */
    indexed: (counts: IndexCounts): void => index.show(counts),

    linesRead(collector: string, lines: number, parsed: number): void {
      linesRead.inc({ collector: bounded("collector", collector) }, lines);
      linesParsed.inc({ collector: bounded("collector", collector) }, parsed);
    },
    dropped(where: string, reason: string, count = 1): void {
      dropped.inc({ where: bounded("where", where), reason: bounded("reason", reason) }, count);
    },
    turned: (seconds: Seconds): void => turns.observe(seconds),
    committed: (seconds: Seconds): void => commits.observe(seconds),
    polled(collector: string, outcome: "ok" | "failed" | "late", seconds: Seconds): void {
      polls.observe({ collector: bounded("collector", collector), outcome }, seconds);
    },
    notified(notifier: string, outcome: "sent" | "retry" | "refused"): void {
      sends.inc({ notifier: bounded("notifier", notifier), outcome });
    },
    seriesWritten(outcome: "ok" | "failed", points: number, seconds: Seconds): void {
      seriesWrites.observe({ outcome }, seconds);
      if (outcome === "ok") seriesPoints.inc(points);
    },
    agentRefused: (reason: string, count = 1): void => agentsRefused.inc({ reason }, count),
    agentSeen(agent: string, figures: AgentGauges): void {
      const node = bounded("node", agent);
      if (figures.clockOffsetSeconds !== null) agentClock.set({ node }, figures.clockOffsetSeconds);
      agentBehind.set({ node }, figures.behindSeconds);
      agentSpool.set({ node }, figures.spoolBytes);
      agentLost.set({ node }, figures.lostLines);
    },

    clientsConnected: (count: number): void => clients.set(count),
    clientRefused: (reason: string): void => refusedClients.inc({ reason: bounded("refused", reason) }),
    clientShed: (): void => shed.inc(),
    clientLagged: (): void => lagged.inc(),
    frameSent(_sections: number, bytes: number, seconds: Seconds): void {
      frames.observe(seconds);
      frameBytes.inc(bytes);
    },
    snapshotSent: (why: "first" | "gap" | "lagged" | "jump"): void => snapshots.inc({ why }),

    requestAnswered(route: string, method: string, status: number, seconds: Seconds): void {
      requests.observe({ route: bounded("route", route), method, status: String(status) }, seconds);
    },
    signedIn: (kind: "token" | "link"): void => signIns.inc({ kind }),
    signInRefused: (reason: "wrong" | "limited" | "expired"): void => refusedSignIns.inc({ reason }),
  };
}

const valuesPerLabel = 100;

/** A label has at most a hundred values; those that come later share one. */
function labelGuard(): (label: string, value: string) => string {
  const known = new Map<string, Set<string>>();
  return (label, value) => {
    const values = known.get(label) ?? new Set();
    known.set(label, values);
    if (!values.has(value) && values.size >= valuesPerLabel) return "other";
    values.add(value);
    return value;
  };
}
