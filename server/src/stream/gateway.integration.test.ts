import { collectorId, protocolVersion } from "@mailtide/shared";
import type {
  Ack,
  ClientToServer,
  Cursor,
  DeltaMessage,
  LiveState,
  ServerToClient,
  SnapshotMessage,
} from "@mailtide/shared";
import { io } from "socket.io-client";
import type { Socket } from "socket.io-client";
import { expect, test } from "vitest";
import { afterwards, serve } from "../../test/asking.ts";
import { until } from "../../test/real/process.ts";
import { collector } from "../../test/sections.ts";
import { secrets, stateAt } from "../../test/serving.ts";
import type { Serving } from "../../test/serving.ts";

interface Screen {
  readonly socket: Socket<ServerToClient, ClientToServer>;
  state: Partial<LiveState>;
  cursor: Cursor | null;
  readonly seen: { snapshots: SnapshotMessage[]; deltas: DeltaMessage[]; goodbyes: string[]; errors: string[] };
  hello(cursor?: Cursor, version?: number): Promise<Ack>;
}
interface Said {
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly transports?: string[];
}

function screen({ url }: Serving, { token, headers, transports = ["websocket"] }: Said = {}): Screen {
  const socket: Socket<ServerToClient, ClientToServer> = io(url, {
    transports,
    forceNew: true,
    reconnection: false,
    auth: token === undefined ? {} : { token },
    extraHeaders: headers ?? {},
  });
  afterwards(() => socket.disconnect());
  const seen: Screen["seen"] = { snapshots: [], deltas: [], goodbyes: [], errors: [] };
  const self: Screen = {
    socket,
    state: {},
    cursor: null,
    seen,
    hello: (cursor, version = protocolVersion) =>
      socket.emitWithAck("hello", cursor === undefined ? { version } : { version, cursor }),
  };
  socket.on("snapshot", (message) => {
    seen.snapshots.push(message);
    self.state = message.state;
    self.cursor = message.cursor;
  });
  socket.on("delta", (message) => {
    if (self.cursor !== null) expect(message.cursor.seq).toBe(self.cursor.seq + 1);
    seen.deltas.push(message);
    self.state = { ...self.state, ...message.changed };
    self.cursor = message.cursor;
  });
  socket.on("goodbye", ({ reason }) => seen.goodbyes.push(reason));
  socket.on("connect_error", (error) => seen.errors.push(error.message));
  return self;
}
const connected = ({ socket }: Screen): Promise<unknown> => until("connected", () => socket.connected);
const refused = ({ seen }: Screen): Promise<string> => until("refused", () => seen.errors[0]);
const shows = (one: Screen, state: LiveState): Promise<unknown> =>
  until("the newest state", () => one.state.meta?.nowMs === state.meta.nowMs);
const wall = { token: secrets.wall };

async function publishing(serving: Serving, from: number, to: number, padding = 0): Promise<LiveState> {
  let last = stateAt(from, padding);
  for (let n = from; n <= to; n++) {
    last = stateAt(n, padding);
    serving.server.publish(last);
    await new Promise((resolve) => setTimeout(resolve, 12));
  }
  return last;
}

test.each([["websocket"], ["polling"]])("snapshot, then only what changed, by %s", async (transport) => {
  const serving = await serve();
  serving.server.publish(stateAt(1));
  const one = screen(serving, { ...wall, transports: [transport] });
  await connected(one);
  expect(await one.hello()).toEqual({ ok: true, scopes: ["read"] });
  await until("snapshot", () => one.seen.snapshots.length === 1);
  expect(one.seen.snapshots[0]).toMatchObject({ state: stateAt(1), scopes: ["read"], cursor: { seq: 1 } });

  const last = await publishing(serving, 2, 6);
  await shows(one, last);
  expect(one.state).toEqual(last);
  expect(one.seen.snapshots).toHaveLength(1);
  expect(Object.keys(one.seen.deltas[0]?.changed ?? {})).toEqual(["meta"]);
});

test("says hello before the first state: the snapshot comes with it", async () => {
  const serving = await serve();
  const one = screen(serving, wall);
  await connected(one);
  await one.hello();
  serving.server.publish(stateAt(1));
  await until("snapshot", () => one.seen.snapshots.length === 1);
  await shows(one, await publishing(serving, 2, 4));
  expect(one.seen.snapshots).toHaveLength(1);
});

test("many turns within a frame's time are one frame, the newest", async () => {
  const frameEveryMs = 1_500;
  const serving = await serve({ limits: { frameEveryMs } });
  serving.server.publish(stateAt(0));
  const one = screen(serving, wall);
  await connected(one);
  await one.hello();
  await until("snapshot", () => one.cursor);
  const beganMs = performance.now();
  const last = await publishing(serving, 1, 20);
  await shows(one, last);
  // As many as had their time meanwhile, and one at either end.
  const most = 2 + Math.floor((performance.now() - beganMs) / frameEveryMs);
  expect(one.seen.deltas.length).toBeLessThanOrEqual(most);
});

test("resumes by deltas from a held cursor, by a snapshot from another start of the server", async () => {
  const serving = await serve();
  serving.server.publish(stateAt(1));
  const before = screen(serving, wall);
  await connected(before);
  await before.hello();
  await until("snapshot", () => before.cursor);
  before.socket.disconnect();
  const last = await publishing(serving, 2, 5);

  const after = screen(serving, { token: secrets.ack });
  after.cursor = before.cursor;
  after.state = before.state;
  await connected(after);
  expect(await after.hello(before.cursor ?? undefined)).toEqual({ ok: true, scopes: ["read", "ack"] });
  await shows(after, last);
  expect(after.seen.snapshots).toHaveLength(0);
  expect(after.state).toEqual(last);

  await after.hello({ serverEpoch: "another", seq: 1 });
  await until("snapshot", () => after.seen.snapshots.length === 1);
});

test("a version that we do not speak is told so and hung up on", async () => {
  const serving = await serve();
  const one = screen(serving, wall);
  await connected(one);
  expect(await one.hello(undefined, protocolVersion + 1)).toMatchObject({ ok: false });
  await until("hung up", () => one.socket.disconnected);
  expect(one.seen.goodbyes).toEqual(["version"]);
});

test.each<[string, Said]>([
  ["no token", { headers: {} }],
  ["no token from our own page", { headers: { origin: "OWN" } }],
  ["a wrong token", { token: "wrong-0123456789" }],
  ["a token that may not read", { token: secrets.deploy }],
])("%s is unauthorized", async (_, said) => {
  const serving = await serve();
  const headers = said.headers?.["origin"] === "OWN" ? { origin: serving.url } : (said.headers ?? {});
  expect(await refused(screen(serving, { ...said, headers }))).toBe("unauthorized");
});

test.each([["https://evil.example"], ["null"]])(
  "a page at %s gets no socket, even with a good token",
  async (origin) => {
    const serving = await serve();
    expect(await refused(screen(serving, { ...wall, headers: { origin } }))).not.toBe("unauthorized");
    expect(await serving.metrics.render()).toContain('mailtide_stream_refused_total{reason="origin"} 1');
  },
);

test("without any authentication, a page of this machine may look, not a rebound name and not act", async () => {
  const serving = await serve({ auth: { tokens: [] } });
  const own = screen(serving, { headers: { origin: serving.url } });
  await connected(own);
  const reply = await own.socket.emitWithAck("acknowledge", { incident: "inc-1" as never });
  expect(reply.ok).toBe(false);
  const host = `rebound.example:${serving.port}`;
  expect(await refused(screen(serving, { headers: { host, origin: `http://${host}` } }))).toBe("unauthorized");
  expect(await refused(screen(serving))).toBe("unauthorized");
});

test("acknowledges and silences with the scope, refuses without it and refuses nonsense", async () => {
  const serving = await serve();
  const may = screen(serving, { token: secrets.ack });
  const mayNot = screen(serving, wall);
  await connected(may);
  await connected(mayNot);
  const incident = "inc-1" as never;
  expect(await may.socket.emitWithAck("acknowledge", { incident })).toEqual({ ok: true });
  expect(await may.socket.emitWithAck("silence", { incident, forSeconds: 600, reason: "known" })).toEqual({ ok: true });
  expect((await mayNot.socket.emitWithAck("acknowledge", { incident })).ok).toBe(false);
  expect((await may.socket.emitWithAck("silence", { incident, forSeconds: -1, reason: "" })).ok).toBe(false);
  expect((await may.socket.emitWithAck("acknowledge", "nonsense" as never)).ok).toBe(false);
  may.socket.emit("acknowledge", null as never, "not a function" as never);
  expect(serving.asked.map(({ what, by }) => [what, by])).toEqual([
    ["acknowledge", "ack"],
    ["silence", "ack"],
  ]);
  expect(serving.state.audited.map(({ action }) => action)).toEqual(["acknowledge", "silence"]);
});

test("a client that talks without end is hung up on, the others stay", async () => {
  const serving = await serve();
  serving.server.publish(stateAt(1));
  const loud = screen(serving, wall);
  const quiet = screen(serving, wall);
  await connected(loud);
  await connected(quiet);
  const beganMs = performance.now();
  for (let n = 0; n < 200; n++) loud.socket.emit("hello", { version: protocolVersion }, () => {});
  await until("hung up", () => loud.socket.disconnected);
  // Twenty at once, and five for every second.
  const most = 20 + 5 * Math.ceil((performance.now() - beganMs) / 1_000);
  expect(loud.seen.snapshots.length).toBeLessThanOrEqual(most);
  expect(quiet.socket.connected).toBe(true);
});

test("a revoked token is thrown out at once, with what was signed in by it", async () => {
  const serving = await serve();
  const admin = { authorization: `Bearer ${secrets.admin}`, "content-type": "application/json" };
  const body = JSON.stringify({ name: "hall", scopes: ["read"] });
  const made = await fetch(`${serving.url}/api/v1/tokens`, { method: "POST", headers: admin, body });
  const { id, secret } = (await made.json()) as { id: string; secret: string };
  const signIn = await fetch(`${serving.url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: serving.url },
    body: JSON.stringify({ token: secret }),
  });
  const cookie = (signIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const byToken = screen(serving, { token: secret });
  const bySession = screen(serving, { headers: { cookie, origin: serving.url } });
  const other = screen(serving, wall);
  for (const one of [byToken, bySession, other]) await connected(one);

  await fetch(`${serving.url}/api/v1/tokens/${id}`, { method: "DELETE", headers: admin });
  for (const one of [byToken, bySession]) {
    await until("hung up", () => one.socket.disconnected);
    expect(one.seen.goodbyes).toEqual(["revoked"]);
  }
  expect(other.socket.connected).toBe(true);
  expect(await refused(screen(serving, { token: secret }))).toBe("unauthorized");
});

test("a client that stops reading is set aside and shed; the others miss nothing", async () => {
  const serving = await serve({ limits: { slowAfterMs: 300, bufferedBytes: 100_000 } });
  serving.server.publish(stateAt(0, 200_000));
  const slow = screen(serving, wall);
  const healthy = screen(serving, wall);
  for (const one of [slow, healthy]) {
    await connected(one);
    await one.hello();
    await until("snapshot", () => one.cursor);
  }
  tcpOf(slow).pause();
  let n = 0;
  await until("the slow one is shed", async () => {
    n++;
    const state = stateAt(n, 200_000 + n);
    serving.server.publish(state);
    // Whoever reads has read it before the next one comes, however slow the machine is.
    await shows(healthy, state);
    return (await serving.metrics.render()).includes("mailtide_stream_shed_total 1");
  });
  await until("it is gone", async () => (await serving.metrics.render()).includes("mailtide_stream_clients 1"));
  const last = stateAt(n + 1);
  serving.server.publish(last);
  await shows(healthy, last);
  expect(healthy.seen.snapshots).toHaveLength(1);
});

test("a client that only lagged for a while gets a snapshot and goes on", async () => {
  const serving = await serve({ limits: { bufferedBytes: 100_000, slowAfterMs: 600_000 } });
  serving.server.publish(stateAt(0, 200_000));
  const one = screen(serving, wall);
  await connected(one);
  await one.hello();
  await until("snapshot", () => one.cursor);
  tcpOf(one).pause();
  let n = 0;
  await until("set aside", async () => {
    n++;
    serving.server.publish(stateAt(n, 200_000 + n));
    return (await serving.metrics.render()).includes("mailtide_stream_lagged_total 1");
  });
  await publishing(serving, n + 1, n + 5);
  tcpOf(one).resume();
  await until("a snapshot again", () => {
    serving.server.publish(stateAt(++n));
    return one.seen.snapshots.length >= 2;
  });
  await shows(one, await publishing(serving, n + 1, n + 3));
});

test("what is large goes deflated to a screen that can, the small as it is", async () => {
  const serving = await serve();
  const collectors = Array.from({ length: 600 }, (_, index) =>
    collector({ id: collectorId(`edge-${index}/postfix-log`), lastDataMs: 1_748_213_907_000 + index }),
  );
  serving.server.publish({ ...stateAt(0), freshness: { ...stateAt(0).freshness, collectors } });
  const one = screen(serving, wall);
  await connected(one);
  const before = bytesReadBy(one);
  await one.hello();
  await until("snapshot", () => one.cursor);
  const whole = JSON.stringify(one.state).length;
  expect(whole).toBeGreaterThan(80_000);
  expect(bytesReadBy(one) - before).toBeLessThan(whole / 6);
  expect(one.state.freshness?.collectors).toEqual(collectors);
  const small = bytesReadBy(one);
  serving.server.publish({ ...stateAt(1), freshness: { ...stateAt(0).freshness, collectors } });
  await until("a frame", () => one.seen.deltas.length === 1);
  expect(bytesReadBy(one) - small).toBeGreaterThan(JSON.stringify(one.seen.deltas[0]).length);
});

test("no more screens than allowed, in all and from one address; a place that is left is free again", async () => {
  const serving = await serve({ limits: { perAddress: 2 } });
  const first = screen(serving, wall);
  await connected(first);
  await connected(screen(serving, wall));
  await refused(screen(serving, wall));
  first.socket.disconnect();
  await until("free", async () => (await serving.metrics.render()).includes("mailtide_stream_clients 1"));
  await connected(screen(serving, wall));
});

test("an oversized message ends its connection and nothing else", async () => {
  const serving = await serve();
  const big = screen(serving, wall);
  const other = screen(serving, wall);
  await connected(big);
  await connected(other);
  big.socket.emit("hello", { version: protocolVersion, more: "x".repeat(100_000) } as never, () => {});
  await until("closed", () => big.socket.disconnected);
  expect((await other.hello()).ok).toBe(true);
});

test("says goodbye when it closes, and closing twice is closing once", async () => {
  const serving = await serve();
  const one = screen(serving, wall);
  await connected(one);
  await Promise.all([serving.server.close(), serving.server.close()]);
  await until("goodbye", () => one.seen.goodbyes[0] === "closing");
  await expect(fetch(`${serving.url}/healthz`)).rejects.toThrow();
});

/** The client's end of the TCP connection; `ws` passes its pausing on to it. */
interface WebSocketOf {
  pause(): void;
  resume(): void;
  readonly ["_socket"]: { readonly bytesRead: number };
}
function tcpOf({ socket }: Screen): WebSocketOf {
  return (socket.io.engine.transport as unknown as { ws: WebSocketOf }).ws;
}
const bytesReadBy = (one: Screen): number => tcpOf(one)["_socket"].bytesRead;
