import { type HostView, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { pickHosts, stillSeconds } from "./hosts-select.ts";

const host = (name: string, queued: number, rest: Partial<HostView> = {}): HostView => ({
  node: nodeId(name),
  queued,
  ownQueued: queued,
  oldestOwnSeconds: null,
  lastDepartureMs: null,
  ...rest,
});

test("hosts without mail are passed over, those that find no room are counted with those that the server left out", () => {
  const shown = [host("a", 9), host("b", 30, { ownQueued: 2 }), host("c", 1), host("d", 0)];
  const picked = pickHosts({ shown, hidden: 4, mostAt: null }, 2);
  expect(picked).toEqual({ shown: shown.slice(0, 2), hidden: 5 });
});

test("that nothing leaves is news after a minute, where mail waits on us", () => {
  const nowMs = 10_000_000;
  const left = (agoMs: number, ownQueued = 3) => host("a", 3, { ownQueued, lastDepartureMs: nowMs - agoMs });
  expect(stillSeconds(left(59_000), nowMs)).toBeNull();
  expect(stillSeconds(left(61_000), nowMs)).toBe(61);
  expect(stillSeconds(left(61_000, 0), nowMs)).toBeNull();
  expect(stillSeconds(host("a", 3), nowMs)).toBeNull();
});
