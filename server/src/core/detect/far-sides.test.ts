import type { DelaySection } from "@mailtide/shared";
import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { ruleInput, someMs } from "../../../test/sections.ts";
import { farSides } from "./far-sides.ts";

const breadth: DelaySection["breadth"] = {
  sinceMs: someMs - 200_000,
  hit: 31,
  tried: 44,
  reason: "connect-timeout",
  nodes: [nodeId("out1"), nodeId("out2")],
};
const said = (delay: Partial<DelaySection>) => farSides.evaluate(ruleInput({ delay }), undefined, {}).signals;

test("nothing is said while far sides answer", () => {
  expect(said({ breadth: null })).toEqual([]);
});

test("each host that is concerned has a page of its own, from the first failure on", () => {
  const page = { level: "bad", cause: "connect-timeouts", severity: "page", startedAtMs: someMs - 200_000 };
  expect(said({ breadth })).toMatchObject([
    { ...page, node: "out1", key: "far-sides/out1" },
    { ...page, node: "out2", key: "far-sides/out2" },
  ]);
  expect(said({ breadth: { ...breadth, nodes: [] } })).toMatchObject([{ ...page, node: null, key: "far-sides" }]);
});

test("TLS that fails everywhere is one ticket of its own words: it is the late mail that pages", () => {
  const signals = said({ breadth: { ...breadth, reason: "tls" } });
  expect(signals).toHaveLength(1);
  expect(signals[0]).toMatchObject({
    node: null,
    cause: "certificate-expired",
    severity: "ticket",
    title: { id: "delivery.no-tls" },
    evidence: [{ id: "delivery.operators-without-tls", params: { hit: 31, tried: 44 } }, { id: "delivery.ours-since" }],
    actions: [{ label: { id: "action.check-own-tls" } }],
  });
});

test("failed look-ups are the resolver's", () => {
  expect(said({ breadth: { ...breadth, reason: "dns" } })[0]).toMatchObject({
    cause: "dns-failure",
    title: { id: "delivery.no-look-ups" },
    evidence: [{ id: "delivery.operators-hit", params: { hit: 31, tried: 44 } }, { id: "delivery.ours-since" }],
  });
});
