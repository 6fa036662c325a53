import * as fc from "fast-check";
import { expect, test } from "vitest";
import { UnderWay } from "./under-way.ts";

const options = { lateSeconds: 300, most: 10 };
const second = 1000;

/** Sends one that is taken at once. */
function sent(out: UnderWay, id: string, atMs: number): void {
  out.begin(id, "d", atMs);
  out.taken(id, atMs, "4A1B2C3D4E");
}

test("nothing is said until something is known", () => {
  const out = new UnderWay(options);
  expect(out.standing(0)).toBeNull();
  sent(out, "a", 0);
  expect(out.standing(3 * second)).toBeNull();
});

test("what is back tells the time; what is awaited longer tells how long so far", () => {
  const out = new UnderWay(options);
  sent(out, "a", 0);
  expect(out.cameBack("a", 2 * second)).toEqual({ seconds: 2, overtaken: false });
  sent(out, "b", 60 * second);
  expect(out.standing(65 * second)).toMatchObject({ ok: true, latencySeconds: 2 });
  expect(out.standing(160 * second)).toMatchObject({ ok: true, latencySeconds: 100, details: { waitingSeconds: 100 } });
  expect(out.standing(780 * second)).toMatchObject({
    ok: false,
    latencySeconds: 720,
    error: "not back after 12 min; the platform took it as 4A1B2C3D4E",
  });
});

test("a late return is measured and stands until a younger one is back in time", () => {
  const out = new UnderWay(options);
  sent(out, "a", 0);
  sent(out, "b", 60 * second);
  expect(out.cameBack("a", 2460 * second)).toEqual({ seconds: 2460, overtaken: false });
  expect(out.standing(2461 * second)).toMatchObject({ ok: false, latencySeconds: 2460, details: { probesOut: 1 } });
  out.cameBack("b", 2462 * second);
  expect(out.standing(2463 * second)).toMatchObject({ ok: false, error: "the last took 40 min" });
  sent(out, "c", 2470 * second);
  out.cameBack("c", 2471 * second);
  expect(out.standing(2472 * second)).toMatchObject({ ok: true, latencySeconds: 1 });
});

test("one that is taken for spam fails the way until another is not, but for one that is not back at all", () => {
  const out = new UnderWay(options);
  out.begin("a", "d", 0);
  expect(out.cameBack("a", second, "Junk")).toBeNull();
  expect(out.taken("a", 2 * second, null)).toEqual({ seconds: 0, overtaken: false });
  const spam = { ok: false, error: "taken for spam: back after 0 s, in the folder Junk", details: { misfiled: true } };
  expect(out.standing(3 * second)).toMatchObject(spam);
  sent(out, "b", 60 * second);
  expect(out.standing(160 * second)).toMatchObject(spam);
  expect(out.standing(780 * second)).toMatchObject({ ok: false, error: expect.stringMatching(/^not back after/) });
  out.cameBack("b", 781 * second);
  sent(out, "c", 790 * second);
  out.cameBack("c", 791 * second);
  expect(out.standing(800 * second)).toMatchObject({ ok: true, details: { probesOut: 0 } });
});

test("one that younger ones overtake is said beside, and does not fail the way", () => {
  const out = new UnderWay(options);
  sent(out, "lost", 0);
  sent(out, "b", 60 * second);
  out.cameBack("b", 61 * second);
  expect(out.standing(900 * second)).toMatchObject({ ok: true, latencySeconds: 1, details: { probesOvertaken: 1 } });
  expect(out.cameBack("lost", 2460 * second)).toEqual({ seconds: 2460, overtaken: true });
  expect(out.standing(2461 * second)).toMatchObject({ ok: true, latencySeconds: 1, details: { probesOut: 0 } });
});

test("a refusal fails the way until the next is taken", () => {
  const out = new UnderWay(options);
  out.begin("a", "d", 0);
  out.refused("a", second, { words: "refused at RCPT TO: 550 5.1.1 no", seconds: 1, unsure: false });
  expect(out.find("a")).toBeUndefined();
  expect(out.standing(second)).toMatchObject({ ok: false, latencySeconds: 1, details: { refused: true } });
  sent(out, "b", 2 * second);
  expect(out.standing(3 * second)).toBeNull();
});

test("what is back before the platform has said that it took it counts from then on", () => {
  const out = new UnderWay(options);
  out.begin("a", "d", 0);
  expect(out.cameBack("a", 90)).toBeNull();
  expect(out.taken("a", 100, null)).toEqual({ seconds: 0, overtaken: false });
});

test("after a restart, absence from the time when nobody listened proves nothing", () => {
  const before = new UnderWay(options);
  for (const id of ["early", "short", "unsure"]) before.begin(id, "d", 0);
  before.taken("early", 0, null);
  before.taken("short", 200 * second, null);
  const kept: unknown = JSON.parse(JSON.stringify(before.keep(400 * second)));
  const out = new UnderWay(options, kept as ReturnType<UnderWay["keep"]>);
  // 400 s were seen: late already, and that does not grow while nobody can have seen it come back.
  expect(out.standing(10_000 * second)).toMatchObject({ ok: false, latencySeconds: 400 });
  expect(out.cameBack("unsure", 10_000 * second)).toEqual({ seconds: null, overtaken: false });
  expect(out.cameBack("short", 10_000 * second)).toEqual({ seconds: null, overtaken: false });
  expect(out.cameBack("early", 10_000 * second)).toEqual({ seconds: 400, overtaken: false });
});

test("one that was out when we ended, and was overtaken since, is not said to be lost", () => {
  const before = new UnderWay(options);
  sent(before, "a", 0);
  const out = new UnderWay(
    options,
    JSON.parse(JSON.stringify(before.keep(2 * second))) as ReturnType<UnderWay["keep"]>,
  );
  sent(out, "b", 60 * second);
  out.cameBack("b", 61 * second);
  expect(out.standing(5_000 * second)).toMatchObject({ ok: true, latencySeconds: 1 });
  expect(out.standing(5_000 * second)?.details).not.toHaveProperty("probesOvertaken");
});

test("whatever happens, no more are followed than allowed, nothing is negative, and it is found again after a restart", () => {
  const step = fc.record({ what: fc.constantFrom("send", "take", "back", "refuse", "restart"), after: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(30), (steps, pick) => {
      let out = new UnderWay(options);
      let [nowMs, next] = [0, 0];
      for (const { what, after } of steps) {
        nowMs += after * second;
        const id = `p${Math.max(0, next - 1 - (pick % 5))}`;
        if (what === "send") out.begin(`p${next++}`, "d", nowMs);
        else if (what === "take") out.taken(`p${next - 1}`, nowMs, null);
        else if (what === "back") out.cameBack(id, nowMs);
        else if (what === "refuse") out.refused(id, nowMs, { words: "no", seconds: 1, unsure: after % 2 === 0 });
        else out = new UnderWay(options, JSON.parse(JSON.stringify(out.keep(nowMs))) as ReturnType<UnderWay["keep"]>);
        const standing = out.standing(nowMs);
        expect(standing?.latencySeconds ?? 0).toBeGreaterThanOrEqual(0);
        expect(standing?.details.probesOut ?? 0).toBeLessThanOrEqual(options.most);
        expect(out.keep(nowMs).out.length).toBeLessThanOrEqual(options.most);
      }
    }),
  );
});
