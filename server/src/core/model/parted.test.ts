import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { config, Desk, mx, ownHop } from "../../../test/model/lines.ts";
import { DelayModel } from "./delay-model.ts";

const next = nodeId("next");
const handed = { ...ownHop, to: "a@own.test", nextQueueId: "N", reason: "250 2.0.0 Ok: queued as N" } as const;
const putOff = { to: "b@own.test", status: "deferred", dsn: "4.7.1", reason: "450 4.7.1 not now" } as const;

/** Of two recipients of a domain the next hop takes one and puts the other off. */
function parted(order: "before" | "after" | "between"): { here: Desk; there: Desk } {
  const model = new DelayModel(config({ nodes: [mx, next] }));
  const [here, there] = [new Desk(model, mx), new Desk(model, next)];
  const arrive = (second: number): void => there.arrive(second, "N", { clientIp: "10.0.0.5" });
  here.arrive(0, "M", { nrcpt: 2 });
  if (order === "before") arrive(1);
  here.deliver(1, "M", handed);
  if (order === "between") arrive(1);
  here.deliver(1, "M", putOff);
  if (order === "after") arrive(2);
  return { here, there };
}

test.each(["before", "between", "after"] as const)(
  "who was put off waits here, though the others went on to a hop that is watched %s that was said",
  (order) => {
    const { here, there } = parted(order);
    const { facts, queues } = here.at(100);
    expect(facts.totals).toMatchObject({ waiting: 2, left: 0 });
    expect(queues.waiting.own.count).toBe(2);
    expect(Object.fromEntries(queues.queues.map(({ name, count }) => [name, count]))).toMatchObject({
      deferred: 1,
      active: 1,
    });
    there.deliver(101, "N", { to: "a@own.test", process: "postfix/lmtp" });
    there.remove(101, "N");
    expect(here.at(102).facts.totals).toMatchObject({ waiting: 1 });
    there.arrive(200, "O", { clientIp: "10.0.0.5" });
    here.deliver(200, "M", { ...handed, to: "b@own.test", nextQueueId: "O", reason: "250 2.0.0 Ok: queued as O" });
    here.remove(200, "M");
    expect(here.at(201).facts.totals).toMatchObject({ waiting: 1, left: 1 });
    there.deliver(202, "O", { to: "b@own.test", process: "postfix/lmtp" });
    there.remove(202, "O");
    expect(here.at(203).facts.totals).toMatchObject({ waiting: 0, unexplained: 0, blocked: 0 });
  },
);

test("as long as nobody is put off, one mail over two hops is one", () => {
  const model = new DelayModel(config({ nodes: [mx, next] }));
  const [here, there] = [new Desk(model, mx), new Desk(model, next)];
  here.arrive(0, "M", { nrcpt: 2 });
  there.arrive(1, "N", { clientIp: "10.0.0.5" });
  for (const to of ["a@own.test", "b@own.test"]) here.deliver(1, "M", { ...handed, to });
  here.remove(1, "M");
  expect(here.at(10).facts.totals).toMatchObject({ accepted: 1, waiting: 1 });
});
