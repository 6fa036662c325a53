import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { AgentHealth } from "./health.ts";

test("what says nothing new is said again after a third of the limit, and when the server's clock was set back", () => {
  const health = new AgentHealth(nodeId("mx1"));
  const said = { collector: "mx1/log", required: true, limitSeconds: 15, state: "ok", problem: null } as const;
  const news = (atMs: number) => health.news({ health: [{ ...said, atMs }], behindSinceMs: null }, (at) => at).length;
  const hourMs = 3_600_000;
  expect([hourMs, hourMs + 4_900, hourMs + 5_000].map(news)).toEqual([1, 0, 1]);
  expect([1_000, 5_000, 6_000].map(news)).toEqual([1, 0, 1]);
});
