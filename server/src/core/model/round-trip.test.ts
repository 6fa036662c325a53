import { dependencyId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { Desk, ids, config } from "../../../test/model/lines.ts";
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
