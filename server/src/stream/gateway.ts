import { randomUUID } from "node:crypto";
import type { Server as HttpServer } from "node:http";
import type { Bytes, ClientToServer, EpochMs, HelloAck, LiveState, Millis, ServerToClient } from "@mailtide/shared";
import { Server } from "socket.io";
import type { DefaultEventsMap } from "socket.io";
import { may } from "../core/principal.ts";
import type { OperatorCommands } from "../core/principal.ts";
import type { Logger } from "../observe/logger.ts";
import { createDoor } from "./admission.ts";
import type { ClientLimits } from "./admission.ts";
import { answerCommands, limitTalk, replier } from "./conversation.ts";
import { bufferedBytes, sayGoodbye } from "./line.ts";
import type { Line, LiveSocket, SocketData } from "./line.ts";
import { helloMessage, versionRefusal } from "./messages.ts";
import type { Audit, SocketAccess, StreamMetrics, Transport } from "./ports.ts";
import { createSequencer } from "./sequencer.ts";
import type { Frame } from "./sequencer.ts";

export interface GatewayOptions {
  readonly server: HttpServer;
  readonly access: SocketAccess;
  readonly commands: OperatorCommands;
  /** Only a recording can be moved. */
  readonly transport?: Transport;
  readonly audit: Audit;
  readonly metrics: StreamMetrics;
  readonly logger: Logger;
  readonly now: () => EpochMs;
  readonly limits?: Partial<GatewayLimits>;
}
export interface GatewayLimits extends ClientLimits {
  /** No client gets more than one frame in this time. */
  readonly frameEveryMs: Millis;
  /** A client with more than this waiting for it, and more than twice the whole state, is not sent more. */
  readonly bufferedBytes: Bytes;
  /** A client that lags for longer is disconnected. */
  readonly slowAfterMs: Millis;
}
const defaults: GatewayLimits = {
  clients: 2_000,
  perAddress: 200,
  frameEveryMs: 1_000,
  bufferedBytes: 256 << 10,
  slowAfterMs: 30_000,
};

export interface Gateway {
  publish(state: LiveState, how?: Publishing): void;
  close(): Promise<void>;
}

export interface Publishing {
  /** This state does not follow from the one before: everybody gets it whole, in a new epoch. */
  readonly cut?: boolean;
}

const liveRoom = "live";
/** The largest thing a client says is a reason in words. */
const incomingLimitBytes = 16 << 10;
const deflateFromBytes = 16 << 10;

/** The live stream: a snapshot, then one delta a second at most, to everybody who may read. */
export function createGateway(options: GatewayOptions): Gateway {
  const { access, metrics, now } = options;
  const limits = { ...defaults, ...options.limits };
  const sequencer = createSequencer({ serverEpoch: randomUUID() });
  const door = createDoor(access, limits);
  const lines = new Set<Line>();
  const io = new Server<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>(options.server, {
    serveClient: false,
    maxHttpBufferSize: incomingLimitBytes,
    connectTimeout: 10_000,
    // Pings stay at the library's 25 s: at 10 s they cost a thousand screens more than the frames do, and a dead
    // screen is noticed by its buffer anyway.
    // A platform of hundreds of hosts says some 200 kB a second, which a phone at night should not have to pay for. Small frames go
    // as they are. No memory between frames: it would cost each screen 300 kB here, and frames are larger than what it holds.
    perMessageDeflate: {
      threshold: deflateFromBytes,
      zlibDeflateOptions: { level: 1 },
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    },
    allowRequest(request, decide) {
      const refusal = door.refuse(request);
      if (refusal !== null) metrics.clientRefused(refusal.reason);
      decide(refusal?.detail, refusal === null);
    },
  });
  io.engine.on("connection", (conn: LiveSocket["conn"]) => {
    door.entered(conn.request);
    metrics.clientsConnected(door.count());
    conn.once("close", () => {
      door.left(conn.request);
      metrics.clientsConnected(door.count());
    });
  });

  io.use((socket, next) => {
    const given: unknown = socket.handshake.auth["token"];
    const principal = access.authenticate(socket.request, typeof given === "string" ? given : null);
    if (principal !== null && may(principal, "read")) {
      socket.data = { principal };
      return next();
    }
    metrics.clientRefused("unauthorized");
    next(new Error("unauthorized"));
  });

  io.on("connection", (socket) => {
    const line: Line = { socket, principal: socket.data.principal, phase: { kind: "silent" } };
    lines.add(line);
    socket.on("disconnect", () => lines.delete(line));
    limitTalk(
      socket,
      () => performance.now(),
      () => metrics.clientRefused("payload"),
    );
    socket.on("hello", (message, reply) => greet(line, message, replier(reply)));
    answerCommands(line, options);
  });

  function greet(line: Line, message: unknown, reply: (ack: HelloAck) => void): void {
    const hello = helloMessage.safeParse(message);
    const refusal = hello.success ? versionRefusal(hello.data.version) : "This hello is not well formed.";
    if (!hello.success || refusal !== null) {
      const detail = refusal ?? "";
      metrics.clientRefused("version");
      reply({ ok: false, error: detail });
      return sayGoodbye(line.socket, { reason: "version", detail });
    }
    reply({ ok: true, scopes: line.principal.scopes });
    // A lagging client that asks again would only lag more; it is served when its buffer is empty.
    if (line.phase.kind === "lagging") return;
    const resumption = sequencer.resume(hello.data.cursor ?? null);
    if (resumption.kind === "nothing-yet") {
      line.phase = { kind: "waiting" };
    } else if (resumption.kind === "deltas") {
      for (const frame of resumption.frames) line.socket.emit("delta", deltaOf(frame));
      goLive(line);
    } else {
      sendSnapshot(line, hello.data.cursor === undefined ? "first" : "gap");
    }
  }

  function sendSnapshot(line: Line, why: Parameters<StreamMetrics["snapshotSent"]>[0]): void {
    const resumption = sequencer.resume(null);
    if (resumption.kind !== "snapshot") return;
    const { cursor, state } = resumption;
    line.socket.emit("snapshot", { cursor, sentAtMs: now(), state, scopes: line.principal.scopes });
    metrics.snapshotSent(why);
    goLive(line);
  }

  const deltaOf = ({ cursor, changed }: Frame): Parameters<ServerToClient["delta"]>[0] => ({
    cursor,
    sentAtMs: now(),
    changed,
  });

  let pending: LiveState | null = null;
  let isCut = false;
  let timer: NodeJS.Timeout | undefined;
  let lastFrameMs = -Infinity;

  function flush(): void {
    timer = undefined;
    if (pending === null) return;
    const startedMs = performance.now();
    lastFrameMs = startedMs;
    if (isCut) sequencer.cut();
    const frame = sequencer.next(pending);
    pending = null;
    dismissRevoked();
    // What brings a screen up to date is no lag while it is on its way, however large the site is.
    const mostBytes = Math.max(limits.bufferedBytes, 2 * sequencer.snapshotBytes());
    for (const line of lines) if (line.phase.kind === "live") setAsideIfSlow(line, mostBytes, startedMs);
    if (!isCut) io.to(liveRoom).emit("delta", deltaOf(frame));
    else for (const line of lines) if (line.phase.kind === "live") sendSnapshot(line, "jump");
    isCut = false;
    for (const line of lines) catchUp(line, startedMs);
    metrics.frameSent(Object.keys(frame.changed).length, frame.bytes, (performance.now() - startedMs) / 1000);
  }

  function setAsideIfSlow(line: Line, mostBytes: Bytes, nowMs: Millis): void {
    if (bufferedBytes(line.socket.conn) <= mostBytes) return;
    line.phase = { kind: "lagging", sinceMs: nowMs };
    void line.socket.leave(liveRoom);
    metrics.clientLagged();
  }

  /** Runs after the broadcast, so that a snapshot already holds the frame and no delta crosses it. */
  function catchUp(line: Line, nowMs: Millis): void {
    if (line.phase.kind === "waiting") return sendSnapshot(line, "first");
    if (line.phase.kind !== "lagging") return;
    if (bufferedBytes(line.socket.conn) === 0) return sendSnapshot(line, "lagged");
    if (nowMs - line.phase.sinceMs < limits.slowAfterMs) return;
    metrics.clientShed();
    sayGoodbye(line.socket, { reason: "slow", detail: "This screen reads too slowly. It will connect again." });
  }

  function dismissRevoked(): void {
    for (const { socket, principal } of lines) {
      if (access.isStillGood(principal)) continue;
      sayGoodbye(socket, { reason: "revoked", detail: "This access was revoked or has expired. Sign in again." });
    }
  }
  const stopListening = access.onRevoked(dismissRevoked);

  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    stopListening();
    clearTimeout(timer);
    const gone = [...lines].map(({ socket }) => new Promise<void>((done) => socket.conn.once("close", () => done())));
    for (const { socket } of lines) {
      sayGoodbye(socket, { reason: "closing", detail: "Mailtide is stopping or restarting." });
    }
    await Promise.all(gone);
    io.engine.close();
  }

  return {
    publish(state, { cut = false } = {}) {
      pending = state;
      isCut ||= cut;
      if (closing !== null || timer !== undefined) return;
      const waitMs = limits.frameEveryMs - (performance.now() - lastFrameMs);
      if (waitMs <= 0) flush();
      else timer = setTimeout(flush, waitMs);
    },
    close: () => (closing ??= close()),
  };
}

function goLive(line: Line): void {
  line.phase = { kind: "live" };
  void line.socket.join(liveRoom);
}
