import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { Listed } from "../../agent/listed.ts";
import type { Observation, QueueObservation } from "../../core/observation.ts";
import type { Batch, CollectorContext } from "../collector.ts";
import { QueueComparison } from "../queue/comparison.ts";
import { AgentNode } from "./node.ts";
import type { Header } from "./wire.ts";

const node = nodeId("mx2");
const id = collectorId("mx2/agent");
const from = "192.0.2.7";
const startMs = Date.UTC(2026, 0, 5, 12);

/** A node as the server has it, over a pipeline that commits when it is told to. */
function served(position?: unknown, known: ReadonlySet<string> = new Set()) {
  const batches: Batch[] = [];
  const clock = { nowMs: startMs };
  const health: string[] = [];
  const context: CollectorContext = {
    position,
    now: () => clock.nowMs,
    sink: async (batch) => void batches.push(batch),
    health: (state, problem) => health.push(`${state} ${problem}`),
    knownIds: () => ({ has: (queueId) => known.has(queueId), acceptedBefore: () => known }),
    point: () => undefined,
  };
  const agent = new AgentNode({ id, node, required: true, limitSeconds: 15 }, context);
  let committed = 0;
  return {
    agent,
    clock,
    health,
    batches,
    commit: () => {
      for (const batch of batches.slice(committed)) batch.committed?.();
      committed = batches.length;
    },
    facts: (kind: Observation["kind"]) => batches.flatMap((each) => each.observations).filter((o) => o.kind === kind),
    position: () => batches.findLast((batch) => batch.position !== undefined)?.position,
  };
}
const head = (after: number, more: Partial<Header> = {}): Header => ({
  protocol: 1,
  node,
  program: "x",
  epoch: "e1",
  run: "r1",
  after,
  lostLines: 0,
  behindSinceMs: null,
  spoolBytes: 0,
  health: [],
  ...more,
});
const log = (queueId: string) => ({ kind: "log", node: "mx1", atMs: 5, event: { event: "removed", atMs: 5, queueId } });
const record = (seq: number, ...observations: object[]) =>
  JSON.stringify({ seq, collector: "mx2/postfix-log", observations });

test("records are taken once, in order, and forgotten by the agent only when they are durable", async () => {
  const { agent, commit, facts } = served();
  expect(await agent.take(head(0), [], from)).toMatchObject({ taken: true, received: 0, committed: 0 });
  const first = await agent.take(head(0), [record(1, log("A")), record(2, log("B"))], from);
  expect(first).toMatchObject({ taken: true, received: 2, committed: 0 });
  commit();
  // The answer was lost on its way: the same again.
  const again = await agent.take(head(0), [record(1, log("A")), record(2, log("B"))], from);
  expect(again).toMatchObject({ taken: false, received: 2, committed: 2 });
  await agent.take(head(2), [record(3, log("C"))], from);
  expect(facts("log")).toMatchObject(["A", "B", "C"].map((queueId) => ({ node: "mx2", atMs: 5, event: { queueId } })));
  expect(facts("loss")).toEqual([]);
});

test("after a restart of the server the agent goes on behind what was durable", async () => {
  const before = served();
  await before.agent.take(head(0), [record(1, log("A"))], from);
  const durable = before.position();
  await before.agent.take(head(1), [record(2, log("B"))], from);
  const { agent, facts } = served(JSON.parse(JSON.stringify(durable)));
  expect(await agent.take(head(2), [record(3, log("C"))], from)).toMatchObject({
    taken: false,
    received: 1,
    committed: 1,
  });
  expect(await agent.take(head(1), [record(2, log("B")), record(3, log("C"))], from)).toMatchObject({ received: 3 });
  expect(facts("log")).toHaveLength(2);
});

test("what an agent had to drop is a loss, told once; a number that is missing is at least a line", async () => {
  const { agent, facts, position } = served();
  await agent.take(head(0), [record(1, log("A"))], from);
  await agent.take(head(1, { lostLines: 70 }), [record(40, log("B"))], from);
  await agent.take(head(40, { lostLines: 70 }), [record(41, log("C"))], from);
  await agent.take(head(41, { lostLines: 75 }), [], from);
  await agent.take(head(41, { lostLines: 75 }), [record(50, log("D"))], from);
  const restarted = served(JSON.parse(JSON.stringify(position())));
  await restarted.agent.take(head(50, { lostLines: 75 }), [], from);
  expect(facts("loss").map((each) => ("lines" in each ? each.lines : 0))).toEqual([70, 5, 1]);
  expect(restarted.facts("loss")).toEqual([]);
});

test("a fact that is not understood costs itself; a body that no agent sends is refused whole", async () => {
  const { agent, facts, health } = served();
  const odd = [{ kind: "log", atMs: 1, event: { event: "dance" } }, { kind: "change", atMs: 1 }, log("A")];
  expect(await agent.take(head(0), [record(1, ...odd)], from)).toMatchObject({ received: 1, refused: 2 });
  expect(facts("loss")).toMatchObject([{ lines: 2, because: "unreadable" }]);
  expect(facts("log")).toHaveLength(1);
  await expect(agent.take(head(1), ["{"], from)).rejects.toThrow("not JSON");
  await expect(agent.take(head(1), [record(3), record(3)], from)).rejects.toThrow("must grow");
  await expect(agent.take(head(1), ['{"seq":2,"observations":[]}'], from)).rejects.toThrow("collector");
  agent.refused("words");
  expect(health).toEqual(["failing words"]);
});

test("figures that no host can mean are no facts: they would become instants that no calendar has", async () => {
  const { agent, facts } = served();
  const wild = [
    { kind: "log", atMs: 1, event: { event: "delivery", atMs: -1e300 } },
    { kind: "log", atMs: 1, event: { event: "delivery", delays: [0, 0, 1e11, 0] } },
    { kind: "probe", atMs: 1, id: "disk", type: "disk", ok: true, latencySeconds: 1e300 },
    { kind: "probe", atMs: 1, id: "disk", type: "disk", ok: true, latencySeconds: 1, details: { lateSeconds: 1e16 } },
  ];
  expect(await agent.take(head(0), [record(1, ...wild, log("A"))], from)).toMatchObject({ received: 1, refused: 4 });
  expect(facts("loss")).toMatchObject([{ lines: 4, because: "unreadable" }]);
  await expect(agent.take(head(1), [], from)).resolves.toMatchObject({ taken: true });
});

test("instants of the collectors are put onto the server's clock, a log's own stay; a clock far off is said", async () => {
  const { agent, facts } = served();
  const off = { clock: { offsetMs: -20_000, roundTripMs: 4 }, health: [collectorHealth(startMs + 20_000)] };
  const probe = { kind: "probe", atMs: startMs + 19_000, id: "spool", type: "disk", ok: true, latencySeconds: 0.1 };
  const gap = { fromMs: 1, toMs: 9, log: "/var/log/mail.log" };
  await agent.take(
    head(0, off),
    [record(1, log("A"), probe, { kind: "loss", atMs: 9e14, lines: 1, because: "rotated-away", gap })],
    from,
  );
  expect(facts("log")).toMatchObject([{ atMs: 5 }]);
  expect(facts("probe")).toMatchObject([{ id: "mx2/spool", atMs: startMs - 1_000 }]);
  // An instant to come would make silence look fresh.
  expect(facts("loss")).toMatchObject([{ atMs: startMs, gap }]);
  expect(facts("health")).toMatchObject([
    { collector: "mx2/postfix-log", atMs: startMs, state: "ok" },
    { collector: "mx2/agent", atMs: startMs, state: "ok" },
  ]);
  await agent.take(head(1, { clock: { offsetMs: -90_000, roundTripMs: 4 } }), [], from);
  expect(facts("health").at(-1)).toMatchObject({ state: "failing", problem: expect.stringContaining("90 s ahead") });
});
const collectorHealth = (atMs: number) =>
  ({ collector: "mx2/postfix-log", required: true, limitSeconds: 10, state: "ok", problem: null, atMs }) as const;

test("who was failing and fell silent is silent, until it speaks again", async () => {
  const { agent, clock, health, facts } = served();
  const off = head(0, { clock: { offsetMs: -3_600_000, roundTripMs: 1 } });
  await agent.take(off, [], from);
  clock.nowMs += 15_000;
  agent.look();
  expect(health).toEqual([]);
  clock.nowMs += 1_000;
  agent.look();
  agent.look();
  expect(health).toEqual([
    expect.stringMatching(/^failing nothing has come for more than 15 s; before that: its clock is 3600 s ahead/),
  ]);
  await agent.take(off, [], from);
  expect(facts("health").at(-1)).toMatchObject({ atMs: clock.nowMs, problem: expect.stringMatching(/^its clock is/) });

  // One that was well is simply stale.
  await agent.take(head(0), [], from);
  clock.nowMs += 60_000;
  agent.look();
  expect(health).toHaveLength(1);
});

test("where its probes go is passed on at once and not for ever anew; what an older agent sends says nothing of it", async () => {
  const { agent, facts } = served();
  const said = () => facts("health").map((each) => (each.kind === "health" ? each.probes : null));
  await agent.take(head(0), [], from);
  await agent.take(head(0, { probes: ["probe@own.test"] }), [], from);
  await agent.take(head(0, { probes: ["probe@own.test"] }), [], from);
  await agent.take(head(0, { probes: [] }), [], from);
  expect(said()).toEqual([undefined, ["probe@own.test"], []]);
});

test("a token that was the node's once is said while its agent is silent, and not more often than need be", async () => {
  const { agent, clock, health, facts } = served();
  const knock = (why: string): void => agent.turnedAway(why);
  knock("revoked");
  expect(health).toEqual([]);
  clock.nowMs += 16_000;
  for (let each = 0; each < 100; each += 1) knock(`revoked ${each}`);
  expect(health).toEqual(["failing revoked 0"]);
  // It tries again at ever longer intervals, and stays refused in between.
  clock.nowMs += 80_000;
  agent.look();
  expect(health).toHaveLength(1);
  clock.nowMs += 80_000;
  agent.look();
  expect(health.at(-1)).toMatch(/nothing has come for more than 15 s; before that: revoked 0/);
  await agent.take(head(0), [], from);
  expect(facts("health").at(-1)).toMatchObject({ state: "ok" });
  // A host that was replaced goes on knocking: the node has its data all the same.
  knock("revoked");
  expect(health).toHaveLength(2);
});

test("data is as old as what is still in the spool", async () => {
  const { agent, facts } = served();
  await agent.take(head(0, { behindSinceMs: startMs - 600_000, health: [collectorHealth(startMs)] }), [], from);
  expect(facts("health")).toMatchObject([{ atMs: startMs - 600_000 }, { atMs: startMs - 600_000 }]);
});

test("two runs that take turns are twins, a restarted one is not", async () => {
  const { agent, clock, facts } = served();
  const say = async (run: string): Promise<void> => {
    clock.nowMs += 6_000;
    await agent.take(head(0, { run }), [], run === "b" ? "192.0.2.1" : from);
  };
  for (const run of ["a", "a", "b", "a", "b", "c", "c"]) await say(run);
  expect(facts("health").some((each) => "twinsSinceMs" in each)).toBe(false);
  await say("b");
  expect(facts("health").at(-1)).toMatchObject({
    twinsSinceMs: startMs + 24_000,
    twinsFrom: ["192.0.2.1", from],
  });
  await say("c");
  expect(facts("health").at(-1)).toMatchObject({ twinsFrom: ["192.0.2.1", from] });
  clock.nowMs += 200_000;
  await say("c");
  expect(facts("health").at(-1)).not.toHaveProperty("twinsSinceMs");
});

test("a listing is compared where the model is: what it does not know is asked for and comes with the next", async () => {
  const known = new Set(["KNOWN", "GONE"]);
  const { agent, commit, facts } = served(undefined, known);
  const listed = new Listed();
  const entry = (queueId: string, ageMs = 60_000) => {
    return { queueId, queue: "deferred", arrivalMs: startMs - ageMs, sizeBytes: 1, sender: "a@b", recipients: [] };
  };
  /** As a queue collector does it on the host. */
  async function listing(atMs: number): Promise<string> {
    const view = () => listed.knownIds(id);
    const open = await new QueueComparison().begin(atMs, view());
    for (const each of [entry("KNOWN"), entry("STRANGE"), entry("NEW", 1_000)]) open.add(each, view());
    const found = await open.finish(view);
    const observation = { kind: "queue", node, atMs, endMs: atMs, snapshot: emptySnapshot(atMs), ...found };
    return `{"collector":"q","listed":${listed.take(id)},"observations":[${JSON.stringify(observation)}]}`;
  }
  const first = await agent.take(head(0), [withSeq(1, await listing(startMs))], from);
  expect(first.wanted).toEqual({ q: ["STRANGE"] });
  commit();
  listed.want(id, first.wanted["q"] ?? []);
  const second = await agent.take(head(1), [withSeq(2, await listing(startMs + 1_000))], from);
  expect(second.wanted).toEqual({});
  const [one, two] = facts("queue") as QueueObservation[];
  expect([one?.unknown, one?.vanished]).toEqual([[], []]);
  expect(two?.unknown).toEqual([entry("STRANGE")]);
  expect(two?.vanished).toEqual(["GONE"]);
});

const withSeq = (seq: number, text: string): string => `{"seq":${seq},${text.slice(1)}`;

function emptySnapshot(atMs: number): object {
  const none = { count: 0, oldestAgeSeconds: null, oldestOwnWaitSeconds: null };
  const waiting = { own: none, remote: none, recipient: none, policy: none, held: none, unknown: none };
  return { mta: "postfix", atMs, queues: {}, waiting, reasons: [], topDomains: [], topSenders: [], recipients: 0 };
}
