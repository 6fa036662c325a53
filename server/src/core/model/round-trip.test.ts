import { collectorId, dependencyId, nodeId, type NodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { Desk, epochMs, ids, config, mx } from "../../../test/model/lines.ts";
import type { QueueEntry } from "../observation.ts";
import { DelayModel } from "./delay-model.ts";
import { withRoundTrip } from "./round-trip.ts";

const trip = {
  dependency: dependencyId("trip"),
  state: "ok",
  seconds: 2.1,
  isSoFar: false,
  isRefused: false,
} as const;

function evaluated(mails: number) {
  const desk = new Desk();
  for (const id of ids("Q", mails)) desk.arrive(1, id);
  for (const id of ids("Q", mails)) desk.send(1, id);
  return desk.at(2).now;
}

test.each([0, 9])("with %i mails in 15 minutes the probe's own time is the headline", (mails) => {
  const now = evaluated(mails);
  expect(withRoundTrip(now, trip, 300)).toMatchObject({
    verdict: "quiet",
    headlineSeconds: 2.1,
    atLeast: false,
    roundTrip: { isHeadline: true },
  });
  expect(withRoundTrip(now, { ...trip, seconds: 40, isSoFar: true }, 300)).toMatchObject({
    verdict: "quiet",
    atLeast: true,
  });
  expect(withRoundTrip(now, null, 300)).toMatchObject({ verdict: "no-traffic" });
});

test("a failing one makes on time unknown: at least what is measured, and in a quiet night at least its own wait", () => {
  const failing = { ...trip, state: "failing", seconds: 720, isSoFar: true } as const;
  expect(withRoundTrip(evaluated(50), failing, 300)).toMatchObject({
    verdict: "unknown",
    headlineSeconds: 0,
    atLeast: true,
    roundTrip: { isHeadline: false },
  });
  expect(withRoundTrip(evaluated(2), failing, 300)).toMatchObject({ verdict: "unknown", headlineSeconds: 720 });
  const refused = { ...failing, seconds: null, isRefused: true };
  expect(withRoundTrip(evaluated(2), refused, 300)).toMatchObject({ verdict: "unknown", headlineSeconds: null });
});

test("longer than the target is never calm, even where its own deadline allows it", () => {
  expect(withRoundTrip(evaluated(0), { ...trip, seconds: 900 }, 300).verdict).toBe("unknown");
});

test("with mail enough its time stays beside, and mail that is late by the log stays late", () => {
  const busy = evaluated(50);
  expect(withRoundTrip(busy, trip, 300)).toMatchObject({ verdict: "on-time", headlineSeconds: 0 });
  const late = { ...busy, verdict: "late", headlineSeconds: 7200 } as const;
  expect(withRoundTrip(late, { ...trip, state: "failing" }, 300)).toMatchObject({
    verdict: "late",
    headlineSeconds: 7200,
  });
});

test("own probes are work and nobody's mail; who adds the probe to his recipients hides nothing", () => {
  const { site, nodes } = config();
  const desk = new Desk(new DelayModel({ site: { ...site, probes: ["probe@own.test"] }, nodes }));
  const accepted = () => desk.at(10).facts.totals.accepted;
  for (const id of ids("P", 20)) {
    desk.arrive(0, id);
    desk.send(1, id, { to: "Probe+1f2e@own.test" });
  }
  expect(accepted()).toBe(0);
  desk.arrive(2, "BOTH", { nrcpt: 2 });
  desk.deliver(3, "BOTH", { to: "probe@own.test" });
  desk.deliver(3, "BOTH", { to: "customer@own.test" });
  desk.arrive(4, "OTHER");
  desk.send(5, "OTHER", { to: "prober@own.test" });
  expect(accepted()).toBe(2);
});

test("a probe is known before its first attempt where its arrival, its envelope or a listing names the recipient", () => {
  const { site, nodes } = config();
  const desk = new Desk(new DelayModel({ site: { ...site, probes: ["probe@own.test"] }, nodes }));
  const accepted = () => desk.at(10).facts.totals.accepted;
  const listed = (queueId: string, ...to: string[]): QueueEntry => ({
    queueId,
    queue: "queue",
    arrivalMs: desk.epochMs,
    sizeBytes: 1_000,
    sender: "",
    recipients: to.map((address) => ({ address, reason: null })),
  });
  const arrived = { event: "message", from: "", clientIp: "192.0.2.7" } as const;
  const probe = "Probe+1f2e@own.test";
  desk.say(0, { ...arrived, queueId: "X1", to: probe, recipients: [probe], nrcpt: 1 });
  desk.say(1, { ...arrived, queueId: "O1", nrcpt: 1 });
  desk.say(1, { event: "queued", queueId: "O1", from: "", to: probe });
  desk.list(2, [listed("L1", probe)]);
  expect(accepted()).toBe(0);
  // Beside a customer, or where more may follow, it hides nobody; nor does another's name that begins alike.
  desk.say(3, { ...arrived, queueId: "X2", to: probe, recipients: [probe, "b@own.test"], nrcpt: 2 });
  desk.say(3, { ...arrived, queueId: "X3", to: probe, recipients: [probe] });
  desk.say(3, { ...arrived, queueId: "X4", to: "prober@own.test", recipients: ["prober@own.test"], nrcpt: 1 });
  desk.list(4, [listed("L2", probe, "b@own.test")]);
  expect(accepted()).toBe(4);
});

function states(model: DelayModel, probes: readonly string[] | undefined, node: NodeId = mx): void {
  const health = { required: true, limitSeconds: 15, state: "ok", problem: null } as const;
  const more = probes === undefined ? {} : { probes };
  model.apply({ kind: "health", atMs: epochMs, collector: collectorId(`${node}/agent`), node, ...health, ...more });
}
const marked = (at: number): string => `Probe+${at.toString(16).padStart(20, "0")}@own.test`;

test("probes of an agent are known by its word and their mark, after a restart too, and those that it sent elsewhere before", () => {
  let model = new DelayModel(config());
  const sent = (to: string): number => {
    const before = model.totals.accepted;
    const desk = new Desk(model);
    const [id = ""] = ids("P", 1 + seen);
    desk.arrive(seen, `${id}${seen}`);
    desk.send(seen++, `${id}${seen - 1}`, { to });
    return model.totals.accepted - before;
  };
  let seen = 0;
  expect(sent(marked(1))).toBe(1);
  states(model, ["probe@own.test"]);
  expect(sent(marked(2))).toBe(0);
  // What says nothing of them changes nothing: an older agent, or a word on another matter.
  states(model, undefined);
  expect(sent(marked(3))).toBe(0);
  const saved = { format: model.format, text: model.save() };
  model = new DelayModel(config());
  expect(model.restore(saved)).toBe(true);
  expect(sent(marked(4))).toBe(0);
  states(model, []);
  expect(sent(marked(5))).toBe(0);
  const renamed = marked(6).replace("Probe", "elsewhere");
  expect(sent(renamed)).toBe(1);
  states(model, ["elsewhere@own.test"]);
  // What lay in its spool meanwhile.
  expect([sent(renamed), sent(marked(7))]).toEqual([0, 0]);
  // Bounded: as many as it may state at once, and the last of those before.
  for (const part of [0, 1])
    states(
      model,
      Array.from({ length: 16 }, (_, at) => `p${part * 16 + at}@own.test`),
    );
  expect([sent(marked(8).replace("Probe", "p0")), sent(marked(9).replace("Probe", "p31"))]).toEqual([0, 0]);
  expect([sent(renamed), sent(marked(10))]).toEqual([1, 1]);
});

test("an agent that lies hides no customer's mail, nor does who writes to a probe's address", () => {
  const model = new DelayModel(config());
  const desk = new Desk(model);
  const customers = ["ben@own.test", "ben+shop@own.test", "ben-20260105@own.test", "anna@own.test"];
  states(model, ["ben@own.test", "anna@own.test"]);
  for (const [at, to] of customers.entries()) {
    desk.arrive(at, `C${at}`);
    desk.send(at, `C${at}`, { to });
  }
  // A node that is not configured has no say.
  states(model, ["probe@own.test"], nodeId("stranger"));
  desk.arrive(5, "D1");
  desk.send(5, "D1", { to: marked(1) });
  expect(model.totals.accepted).toBe(5);
  // The probe beside a customer, named first or last, and the probe as the sender.
  states(model, ["probe@own.test"]);
  for (const [id, ...both] of [
    ["E1", marked(2), "ben@own.test"],
    ["E2", "ben@own.test", marked(2)],
  ] as const) {
    desk.arrive(6, id, { nrcpt: 2 });
    for (const to of both) desk.deliver(7, id, { to });
    desk.remove(7, id);
  }
  desk.arrive(8, "F1", { from: marked(3) });
  desk.send(8, "F1", { to: "ben@own.test" });
  expect(model.totals.accepted).toBe(8);
});
