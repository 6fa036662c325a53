import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { incidentId, protocolVersion } from "@mailtide/shared";
import type {
  Ack,
  ClientToServer,
  Cursor,
  LiveState,
  ServerToClient,
  SnapshotMessage,
  TransportCommand,
} from "@mailtide/shared";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../test/real/process.ts";
import { secrets, someTokens } from "../test/serving.ts";
import { smallDay, writeSmallCapture } from "../test/small-capture.ts";
import { steadyMs } from "../test/steady-clock.ts";
import { silentLogger } from "./observe/logger.ts";
import { openCapture } from "./replay/capture.ts";
import { parserFor } from "./replay-parser.ts";
import { type ReplayServer, type ReplayServerOptions, startReplayServer } from "./replay-server.ts";

const hostileName = '<img src=x onerror=alert(1)>\u202e"; \u0000rm -rf / %s ${x} ../../etc';
const minute = (n: number): number => smallDay.fromMs + n * 60_000;
let folder = "";
let server: ReplayServer;
let screens: Screen[] = [];
let computedToMs = 0;

interface Screen {
  readonly socket: Socket<ServerToClient, ClientToServer>;
  state: LiveState | null;
  cursor: Cursor | null;
  readonly snapshots: SnapshotMessage[];
  move(command: TransportCommand): Promise<Ack>;
}

async function startOn(
  dir: string,
  told: Pick<ReplayServerOptions, "computed" | "failed">,
  untilMs: number | null = null,
): Promise<ReplayServer> {
  return startReplayServer({
    capture: await openCapture(dir, { parserFor }),
    work: { dir, year: null, zone: null, untilMs },
    speed: 1,
    settings: { host: "127.0.0.1", port: 0 },
    auth: { tokens: someTokens },
    clientFolder: null,
    logger: silentLogger,
    frames: { folder },
    ...told,
  });
}

async function screen({ url }: ReplayServer, token: string): Promise<Screen> {
  const socket: Screen["socket"] = io(url, { transports: ["websocket"], forceNew: true, auth: { token } });
  const move = (command: TransportCommand): Promise<Ack> => socket.emitWithAck("transport", command);
  const self: Screen = { socket, state: null, cursor: null, snapshots: [], move };
  socket.on("snapshot", (message) => {
    self.snapshots.push(message);
    self.state = message.state;
    self.cursor = message.cursor;
  });
  socket.on("delta", ({ cursor, changed }) => {
    expect(cursor).toEqual({ serverEpoch: self.cursor?.serverEpoch, seq: (self.cursor?.seq ?? 0) + 1 });
    self.state = { ...(self.state as LiveState), ...changed };
    self.cursor = cursor;
  });
  await socket.emitWithAck("hello", { version: protocolVersion });
  await until("the first frame", () => self.state !== null);
  return self;
}

const stands = (one: Screen, atMs: number): boolean => one.state?.transport?.positionMs === atMs;
async function jump(atMs: number): Promise<void> {
  expect(await screens[0]?.move({ action: "seek", atMs })).toEqual({ ok: true });
  await until("every screen to follow", () => screens.every((one) => stands(one, atMs)));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailtide-replay-test-"));
  const dir = join(folder, "capture");
  await writeSmallCapture(dir, hostileName);
  server = await startOn(dir, {
    computed: (toMs, isDone) => (computedToMs = isDone ? toMs : 0),
    failed: (error) => console.error(error),
  });
  screens = [await screen(server, secrets.ack), await screen(server, secrets.wall)];
  await until("the whole recording to be computed", () => computedToMs > 0);
});
afterAll(async () => {
  for (const { socket } of screens) socket.disconnect();
  await server.close();
  expect(await readdir(folder)).toEqual(["capture"]);
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await screens[0]?.move({ action: "speed", speed: 1 });
  await screens[0]?.move({ action: "pause" });
});

test("a jump shows the instant as it was, forwards and backwards, to every screen, whole and in a new epoch", async () => {
  await jump(minute(8));
  const early = screens.map(({ state }) => state);
  const epochs = new Set(screens.map(({ cursor }) => cursor?.serverEpoch));
  expect(epochs.size).toBe(1);
  expect(early[0]?.delay.headlineSeconds).toBeLessThan(10);
  expect(early[0]?.incidents.incidents).toEqual([]);
  expect(early[0]?.meta).toMatchObject({ mode: "replay", nowMs: minute(8), speed: 0 });

  await jump(minute(35));
  expect(screens[1]?.state?.delay.headlineSeconds).toBeGreaterThan(20 * 60);
  expect(screens[1]?.state?.delay.verdict).toBe("late");
  expect(screens[1]?.state?.incidents.incidents).not.toEqual([]);
  expect(epochs).not.toContain(screens[1]?.cursor?.serverEpoch);
  expect(screens[1]?.snapshots.at(-1)?.state.meta.nowMs).toBe(minute(35));

  await jump(minute(8));
  expect(screens.map(({ state }) => state)).toEqual(early);
});

test("paused it stands still and goes on giving signs of life; played at 300 it runs, for all alike", async () => {
  await jump(minute(3));
  const first = screens[1]?.cursor?.seq ?? 0;
  await until("signs of life", () => (screens[1]?.cursor?.seq ?? 0) >= first + 2);
  expect(screens[1]?.state?.transport).toMatchObject({ play: "paused", positionMs: minute(3) });

  await screens[0]?.move({ action: "speed", speed: 300 });
  await screens[0]?.move({ action: "play" });
  const startedMs = steadyMs();
  await until("two minutes to pass", () => (screens[1]?.state?.transport?.positionMs ?? 0) >= minute(5));
  expect(steadyMs() - startedMs).toBeLessThan(3_000);
  expect(screens[1]?.state?.meta.speed).toBe(300);
  await screens[0]?.move({ action: "pause" });
  await until("both to stand", () => screens.every(({ state }) => state?.transport?.play === "paused"));
  expect(screens[0]?.state).toEqual(screens[1]?.state);
});

test("as fast as it goes it comes to the end, and says so; play begins again", async () => {
  await jump(minute(2));
  await screens[0]?.move({ action: "speed", speed: "max" });
  await screens[0]?.move({ action: "play" });
  await until("the end", () => screens.every(({ state }) => state?.transport?.play === "ended"));
  expect(screens[1]?.state?.transport).toMatchObject({ positionMs: computedToMs, computing: "done", problem: null });
  await screens[0]?.move({ action: "speed", speed: 1 });
  await screens[0]?.move({ action: "play" });
  await until("the beginning", () => (screens[1]?.state?.meta.nowMs ?? 0) < minute(1));
  expect(screens[1]?.state?.transport?.play).toBe("playing");
});

test("the slider knows the deploy, and the incident where it was first shown", async () => {
  const { recording } = screens[1]?.state ?? {};
  expect(recording).toMatchObject({ name: hostileName, simulated: false, marksLeftOut: 0 });
  expect(recording?.marks[0]).toMatchObject({ kind: "change", atMs: smallDay.changeMs });
  const page = recording?.marks.find(({ kind }) => kind !== "change");
  expect(page?.atMs).toBeGreaterThan(smallDay.stopMs);
  await jump((page?.atMs ?? 0) - 1_000);
  expect(screens[1]?.state?.incidents.incidents).toHaveLength(0);
  await jump(page?.atMs ?? 0);
  expect(screens[1]?.state?.incidents.incidents).toHaveLength(1);
});

test("who may only read is refused in words, as is whoever would act on what is over", async () => {
  await jump(minute(35));
  const [actor, reader] = screens as [Screen, Screen];
  expect(await reader.move({ action: "seek", atMs: minute(1) })).toMatchObject({ ok: false });
  expect(await reader.move({ action: "play" })).toMatchObject({ ok: false, error: /scope ack/ as never });
  expect(stands(actor, minute(35))).toBe(true);
  const open = actor.state?.incidents.incidents[0]?.id ?? incidentId("none");
  const refused = { ok: false, error: expect.stringContaining("recording") };
  expect(await actor.socket.emitWithAck("acknowledge", { incident: open })).toEqual(refused);
  expect(await actor.socket.emitWithAck("silence", { incident: open, forSeconds: 600, reason: "x" })).toEqual(refused);
  const change = await fetch(`${server.url}/api/v1/changes`, {
    method: "POST",
    headers: { authorization: `Bearer ${secrets.deploy}`, "content-type": "application/json" },
    body: JSON.stringify({ title: "push" }),
  });
  expect([change.status, await change.text()]).toEqual([409, expect.stringContaining("recording")]);
});

test("what is no move is refused and moves nothing; who talks too much is hung up on", async () => {
  const hostile = await screen(server, secrets.ack);
  const commands: unknown[] = [
    { action: "seek", atMs: Number.NaN },
    { action: "seek", atMs: -1 },
    { action: "speed", speed: 0 },
    { action: "speed", speed: 1e9 },
    { action: "rewind" },
    null,
  ];
  for (const command of commands) {
    const answer = await hostile.move(command as TransportCommand);
    expect(answer).toEqual({ ok: false, error: "This request is not well formed." });
  }
  for (let n = 0; n < 40; n++) hostile.socket.emit("transport", { action: "pause" }, () => undefined);
  await until("the line to be cut", () => !hostile.socket.connected);
  hostile.socket.disconnect();
});

test("a capture whose node is a way out of its folder is not opened", async () => {
  const dir = join(folder, "capture");
  const evil = join(folder, "evil");
  await cp(dir, evil, { recursive: true });
  const text = await readFile(join(evil, "capture.yaml"), "utf8");
  await writeFile(join(evil, "capture.yaml"), text.replace("id: mx1", 'id: "../capture/mx1"'));
  await expect(openCapture(evil, { parserFor })).rejects.toThrow(
    /capture\.yaml:\d+: nodes\[0\]\.id: must be a plain name/,
  );
  await rm(evil, { recursive: true });
});

test("a recording that breaks off is shown as far as it goes, and the screen says why it ends there", async () => {
  const broken = join(folder, "broken");
  await cp(join(folder, "capture"), broken, { recursive: true });
  const log = join(broken, "mx1", "mail.log");
  const whole = gzipSync(await readFile(log));
  await writeFile(`${log}.gz`, whole.subarray(0, Math.floor(whole.length * 0.6)));
  await rm(log);
  let isOver = false;
  const other = await startOn(broken, { computed: (_, isDone) => (isOver = isDone), failed: console.error });
  try {
    await until("the computing to end", () => isOver);
    const one = await screen(other, secrets.wall);
    await until("the screen to be told", () => one.state?.transport?.computing === "stopped");
    const { problem, computedToMs: reachedMs } = one.state?.transport ?? {};
    expect(problem).toMatch(/mail\.log\.gz/);
    expect(reachedMs).toBeGreaterThan(minute(5));
    expect(reachedMs).toBeLessThan(minute(35));
    expect(one.state?.recording?.toMs).toBe(smallDay.toMs);
    one.socket.disconnect();
  } finally {
    await other.close();
    await rm(broken, { recursive: true });
  }
});

test("where there is nothing to show, it ends in words instead of waiting", async () => {
  let failure: unknown = null;
  const told = { computed: () => undefined, failed: (error: unknown) => (failure = error) };
  const other = await startOn(join(folder, "capture"), told, smallDay.fromMs - 60_000);
  await until("the failure", () => failure !== null);
  expect(String(failure)).toContain("nothing in it to show");
  await other.close();
});
