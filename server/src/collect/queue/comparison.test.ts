import { expect, test } from "vitest";
import { config, Desk, epochMs, ids, mx } from "../../../test/model/lines.ts";
import { DelayModel } from "../../core/model/delay-model.ts";
import { QueueComparison } from "./comparison.ts";

test("a listing of one instance says nothing of what waits in the other", async () => {
  const model = new DelayModel(config());
  const desk = new Desk(model);
  const arrived = (process: string, queueId: string): void => {
    desk.say(0, { event: "client", process: `${process}/smtpd`, queueId, clientIp: "192.0.2.7" });
    desk.say(0, { event: "message", process: `${process}/qmgr`, queueId, from: "a@far.test", nrcpt: 1 });
  };
  desk.remove(-600, "BEFORE");
  desk.say(-600, { event: "removed", process: "postfix-out/qmgr", queueId: "BEFORE" });
  for (const id of ids("A", 10)) arrived("postfix", id);
  for (const id of ids("B", 10)) arrived("postfix-out", id);
  const known = model.knownIds(mx);
  const comparison = new QueueComparison();
  const list = async (shown: readonly string[]) => {
    const open = await comparison.begin(epochMs + 60_000, known);
    for (const queueId of shown)
      open.add({ queueId, queue: "active", arrivalMs: epochMs, sizeBytes: null, sender: "", recipients: [] }, known);
    return open.finish(() => known);
  };
  const shown = ids("B", 9);
  expect(await list(shown)).toMatchObject({ unknown: [], vanished: [] });
  const { unknown, vanished } = await list(shown);
  expect(unknown).toEqual([]);
  expect(vanished).toEqual(["postfix-out/B9"]);
  // All of it is gone: still it is of that instance.
  await list([]);
  expect((await list([])).vanished.toSorted()).toEqual(ids("B", 10).map((id) => `postfix-out/${id}`));
});

test("a listing that says whose it is has its own gone from the first, though it shows nothing", async () => {
  const model = new DelayModel(config());
  const desk = new Desk(model);
  for (const id of ids("A", 10)) desk.arrive(0, id);
  for (const id of ids("B", 10))
    desk.say(0, { event: "message", process: "mx-out/qmgr", queueId: id, from: "", nrcpt: 1 });
  const known = model.knownIds(mx);
  for (const [syslogName, gone] of [
    ["mx-out", ids("B", 10).map((id) => `mx-out/${id}`)],
    ["postfix", ids("A", 10)],
    ["other", []],
  ] as const) {
    const comparison = new QueueComparison();
    const list = async () => (await comparison.begin(epochMs + 60_000, known, { syslogName })).finish(() => known);
    expect((await list()).vanished).toEqual([]);
    expect((await list()).vanished).toEqual(gone);
  }
});

test("of two queues that one log tells of, a listing has gone what it has shown, and nothing of the other", async () => {
  const model = new DelayModel(config());
  const desk = new Desk(model);
  for (const id of [...ids("A", 3), ...ids("B", 3)]) desk.arrive(0, id);
  const known = model.knownIds(mx);
  const comparison = new QueueComparison();
  const list = async (shown: readonly string[]) => {
    const open = await comparison.begin(epochMs + 60_000, known, { isOneOfTwo: true });
    for (const queueId of shown)
      open.add({ queueId, queue: "queue", arrivalMs: epochMs, sizeBytes: null, sender: "", recipients: [] }, known);
    return (await open.finish(() => known)).vanished;
  };
  expect(await list(ids("A", 3))).toEqual([]);
  expect(await list(ids("A", 2))).toEqual([]);
  expect(await list(ids("A", 2))).toEqual(["A2"]);
  expect(await list(ids("A", 2))).toEqual(["A2"]);
});

test("what lies in the pick-up folder for minutes waits on us: nobody picks it up, and no line says so", async () => {
  const model = new DelayModel(config());
  const desk = new Desk(model);
  const known = model.knownIds(mx);
  const comparison = new QueueComparison();
  const at = epochMs + 600_000;
  const open = await comparison.begin(at, known, { syslogName: "postfix" });
  for (const [queueId, seconds] of [
    ["EBABE230091", 300],
    ["EBABE230092", 30],
  ] as const)
    open.add(
      {
        queueId,
        queue: "maildrop",
        arrivalMs: at - seconds * 1_000,
        sizeBytes: 97,
        sender: "me@own.test",
        recipients: [{ address: "b@far.test", reason: null }],
      },
      known,
    );
  const { unknown } = await open.finish(() => known);
  expect(unknown.map(({ queueId }) => queueId)).toEqual(["EBABE230091"]);
  desk.list(600, [...unknown], []);
  expect(desk.at(601).queues.waiting.own).toEqual({ count: 1, oldestSeconds: 301 });
});
