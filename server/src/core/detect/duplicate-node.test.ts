import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { calmSections, someMs } from "../../../test/sections.ts";
import { FreshnessBook } from "../freshness/freshness.ts";
import type { HealthObservation } from "../observation.ts";
import { plain } from "../text/plain.ts";
import { detect } from "./index.ts";

const health = (more: Partial<HealthObservation>): HealthObservation => ({
  kind: "health",
  atMs: someMs,
  collector: collectorId("mx2/agent"),
  node: nodeId("mx2"),
  required: true,
  limitSeconds: 15,
  state: "ok",
  problem: null,
  ...more,
});

test("two programs as one node are a ticket until one of them is gone, through a restart", () => {
  const book = new FreshnessBook();
  const signals = () => {
    const { freshness, ...rest } = calmSections();
    const sections = { ...rest, freshness: { ...freshness, ...book.section(someMs) } };
    const input = { nowMs: someMs, site: { id: "s", timezone: "UTC" }, targetSeconds: 300, sections, changes: [] };
    return detect(input as never, {}).signals.filter(({ rule }) => rule === "duplicate-node");
  };
  const levels = (): unknown[] => signals().map(({ level, cause, node }) => [level, cause, node]);
  const evidence = (): string[] =>
    signals().flatMap(({ evidence }) => evidence.map((each) => plain(each, { timezone: "UTC", locale: "en" })));
  book.apply(health({}));
  expect(levels()).toEqual([]);
  book.apply(health({ twinsSinceMs: someMs - 60_000, twinsFrom: ["192.0.2.1", "192.0.2.7"] }));
  expect(levels()).toEqual([["bad", "duplicate-node", "mx2"]]);
  expect(evidence()).toContain("They come from 192.0.2.1 and 192.0.2.7.");
  book.restore({ format: book.format, text: book.save() });
  expect(levels()).toEqual([["bad", "duplicate-node", "mx2"]]);
  book.apply(health({}));
  expect(levels()).toEqual([]);
});
