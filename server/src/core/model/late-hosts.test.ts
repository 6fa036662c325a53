import { type NodeId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { config, Desk, ids } from "../../../test/model/lines.ts";
import { DelayModel } from "./delay-model.ts";

const names = Array.from({ length: 40 }, (_, at) => nodeId(`mx${at}`));
const [slow, other] = names as [NodeId, NodeId];

interface Site {
  readonly model: DelayModel;
  readonly desks: ReadonlyMap<NodeId, Desk>;
  /** As of the last minute. */
  readonly late: DelayNowOf["lateHosts"];
  readonly headline: number | null;
}
type DelayNowOf = ReturnType<Desk["at"]>["delay"];

/** Forty hosts take ten mails a minute each for so many minutes; `wait` says for how long one stays; null: still there. */
function site(minutes: number, wait: (node: NodeId, minute: number) => number | null, nodes = names): Site {
  const model = new DelayModel(config({ nodes }));
  const desks = new Map(nodes.map((node) => [node, new Desk(model, node)]));
  const leaving: { second: number; desk: Desk; id: string }[] = [];
  let delay = model.evaluate(0).delay;
  for (let minute = 0; minute < minutes; minute++) {
    for (const [node, desk] of desks)
      for (const id of ids(`${node}M${minute}N`, 10)) {
        desk.arrive(60 * minute, id);
        const stays = wait(node, minute);
        if (stays !== null) leaving.push({ second: 60 * minute + stays, desk, id });
      }
    const until = 60 * (minute + 1);
    leaving.sort((a, b) => a.second - b.second);
    while ((leaving[0]?.second ?? Infinity) <= until) {
      const [next] = leaving.splice(0, 1);
      next?.desk.send(next.second, next.id);
    }
    delay = (desks.get(slow) as Desk).at(until).delay;
  }
  return { model, desks, late: delay.lateHosts, headline: delay.headlineSeconds };
}

test("one host of forty stands: the site is on time, and the host is named with its own wait", () => {
  const { late, headline } = site(14, (node) => (node === slow ? null : 1));
  expect(headline ?? 0).toBeLessThan(300);
  // Ten a minute since minute 0, now is minute 14: those of minutes 0 to 8 wait for over five minutes.
  expect(late).toMatchObject([{ node: slow, count: 90, oldestSeconds: 840, lastDepartureMs: null }]);
  // More than one in twenty, as sure as the headline: of 90 it takes 11, and the eleventh came in minute 1.
  expect(late?.[0]?.waitSeconds).toBe(780);
});

test("a host that delivers, but ten minutes late, is late too; what left there lately is what its waits are a share of", () => {
  const { late } = site(30, (node) => (node === slow ? 600 : 1));
  expect(late).toMatchObject([{ node: slow, lastDepartureMs: expect.any(Number) as number }]);
  // Of minutes 21 to 24.
  expect(late?.[0]?.count).toBe(40);
});

test("a few slow mails do not make a host late, however old", () => {
  // 10 of the 150 that left in a quarter of an hour: of 160 it takes 17.
  expect(site(16, (node, minute) => (node === slow && minute === 0 ? null : 1)).late).toEqual([]);
});

test("while the site as a whole is late, or has one host, nobody is named", () => {
  expect(site(10, () => null)).toMatchObject({ headline: 600 });
  expect(site(10, () => null).late).toBeUndefined();
  expect(site(10, () => 1, [slow]).late).toBeUndefined();
});

test("where it waits counts, not where it has waited before", () => {
  const { model, desks } = site(6, () => 1);
  const [first, second] = [desks.get(slow), desks.get(other)] as [Desk, Desk];
  // Thirty mails wait for nine minutes at one host, and go on to another that has them for ten seconds.
  const sent = ids("S", 30);
  for (const id of sent) first.arrive(360, id);
  for (const id of sent) {
    second.arrive(890, `T${id}`, { clientIp: "10.0.0.7" });
    first.send(890, id, { relay: "mx1", relayIp: "10.0.0.7", relayPort: 25, nextQueueId: `T${id}` });
  }
  expect(model.evaluate(second.epochMs + 900_000).delay.lateHosts).toEqual([]);
});

test("the place that most of them are for is named, where there is one", () => {
  const { model, desks } = site(3, () => 1);
  const desk = desks.get(slow) as Desk;
  for (const id of ids("D", 30)) desk.arrive(200, id);
  for (const id of ids("D", 20)) desk.deferOwn(201, id, { to: "c@boxes.test", relay: "store.own.test" });
  const late = model.evaluate(desk.epochMs + 600_000).delay.lateHosts;
  expect(late).toMatchObject([{ node: slow, count: 30, destination: { name: "store.own.test", count: 20 } }]);
});

test("saved and restored it says the same", () => {
  const { model, late } = site(20, (node) => (node === slow ? 600 : 1));
  const again = new DelayModel(config({ nodes: names }));
  expect(again.restore({ format: model.format, text: model.save() })).toBe(true);
  expect(again.evaluate(new Desk().epochMs + 20 * 60_000).delay.lateHosts).toEqual(late);
});
