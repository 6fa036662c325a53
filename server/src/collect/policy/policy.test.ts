import { connect, type Socket } from "node:net";
import { nodeId } from "@mailtide/shared";
import { afterEach, expect, test } from "vitest";
import { freePort, until } from "../../../test/real/process.ts";
import type { Observation } from "../../core/observation.ts";
import { postfixPolicy } from "./index.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function started(hasLog: boolean) {
  const port = await freePort();
  const observations: Observation[] = [];
  const world = { nowMs: 1_000, room: Promise.resolve(), problem: "unknown" as string | null };
  const options = postfixPolicy.config.parse({ listen: `127.0.0.1:${port}` });
  const collector = postfixPolicy.create(options, { id: nodeId("mx1"), timezone: "UTC", hasLog });
  await collector.start({
    position: undefined,
    now: () => world.nowMs,
    sink: async (batch) => {
      observations.push(...batch.observations);
      await world.room;
    },
    health: (_state, problem) => void (world.problem = problem),
    knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
    point: () => undefined,
  });
  ends.push(() => collector.stop());
  return { dial: () => until("it listens", () => dial(port)), observations, world };
}

interface Dialled {
  readonly socket: Socket;
  answers: string;
}
async function dial(port: number): Promise<Dialled> {
  const socket = connect(port, "127.0.0.1");
  ends.push(() => socket.destroy());
  const dialled: Dialled = { socket, answers: "" };
  socket.on("data", (chunk: Buffer) => (dialled.answers += chunk.toString()));
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return dialled;
}

const request = (instance: string, more = ""): string =>
  `request=smtpd_access_policy\nprotocol_state=RCPT\ninstance=${instance}\nclient_address=192.0.2.7\nclient_name=unknown\nsender=\nrecipient=b@own.test\nsize=12\n${more}\n`;

test("each message is one fact of its source, however many recipients are asked for; every answer is DUNNO", async () => {
  const { dial: open, observations } = await started(false);
  const one = await open();
  const all = request("a.1") + request("a.1") + request("b.2", "stress=yes\nunknown=1\n");
  for (const part of [all.slice(0, 50), all.slice(50)]) one.socket.write(part);
  await until("three answers", () => one.answers === "action=DUNNO\n\n".repeat(3));
  await until("the facts", () => observations.length >= 3);
  expect(observations.map((each) => each.kind === "log" && each.event.event)).toEqual(["client", "warning", "client"]);
  expect(observations[0]).toMatchObject({
    node: "mx1",
    event: { clientIp: "192.0.2.7", from: "", to: "b@own.test", size: 12 },
  });
  expect(observations[0]).not.toHaveProperty("event.queueId");
});

test("beside the node's log only stress is told, and that once a minute: nothing counts twice", async () => {
  const { dial: open, observations } = await started(true);
  const one = await open();
  one.socket.write(request("a.1") + request("b.2", "stress=yes\n") + request("c.3", "stress=yes\n"));
  await until("three answers", () => one.answers.length === 42);
  await until("the fact", () => observations.length > 0);
  expect(observations).toMatchObject([{ event: { event: "warning", process: "policy" } }]);
});

test("who sends no request, or one without end, is hung up on; others are served meanwhile", async () => {
  const { dial: open } = await started(false);
  const [good, wrong, endless] = [await open(), await open(), await open()];
  wrong.socket.write("GET / HTTP/1.1\r\n\r\n");
  endless.socket.on("error", () => undefined);
  endless.socket.write(`sender=${"x".repeat(100_000)}`);
  await until("both are ended", () => wrong.socket.closed && endless.socket.closed);
  good.socket.write(request("a.1"));
  await until("the answer", () => good.answers === "action=DUNNO\n\n");
});

test("what found no room is counted and told for ten minutes, not for ever", async () => {
  const { dial: open, observations, world } = await started(false);
  const one = await open();
  const gate: { open?: () => void } = {};
  world.room = new Promise((resolve) => (gate.open = resolve));
  one.socket.write(request("first"));
  await until("the pipeline has no room", () => observations.length === 1);
  one.socket.write(Array.from({ length: 20_007 }, (_, at) => request(`m.${at}`)).join(""));
  await until("all answers", () => one.answers.length === 20_008 * 14);
  gate.open?.();
  await until("it is told", () => world.problem === "7 messages were too many to be noted");
  world.nowMs += 600_001;
  await until("it is over", () => world.problem === null);
});
