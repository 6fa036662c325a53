import { expect, test } from "vitest";
import type { FragileApi } from "../../../test/worker/fragile-worker.ts";
import { StoreFailed } from "../errors.ts";
import { startRemote } from "./remote.ts";

const beside = new URL("../../../test/worker/x.ts", import.meta.url).href;

test("results and errors cross threads", async () => {
  const remote = startRemote<FragileApi>(beside, "fragile-worker", { what: "the thing" });
  expect(await remote.call("add", 2, 3)).toBe(5);
  await expect(remote.call("fail")).rejects.toThrow("too far");
  expect(await remote.call("add", 1, 1)).toBe(2);
  await remote.stop();
  await remote.stop();
  await expect(remote.call("add", 1, 1)).rejects.toThrow("the thing is closed");
});

test("a thread that dies rejects what waits, says so once, and rejects what follows", async () => {
  const failures: Error[] = [];
  const remote = startRemote<FragileApi>(beside, "fragile-worker", {
    what: "the thing",
    onFailure: (e) => failures.push(e),
  });
  const waiting = remote.call("hang");
  void remote.call("die").catch(() => {});
  await expect(waiting).rejects.toThrow(/the thing stopped: its thread died \(exit code 3\)/);
  await expect(remote.call("add", 1, 1)).rejects.toBeInstanceOf(StoreFailed);
  expect(failures).toHaveLength(1);
  await remote.stop();
});

test("what a thread dies of is told in its words, whatever was thrown", async () => {
  const remote = startRemote<FragileApi>(beside, "fragile-worker", { what: "the thing" });
  await expect(remote.call("throwLater", "the disk is full")).rejects.toThrow("thread died (the disk is full)");
  await remote.stop();
});

test("a thread that cannot start says why", async () => {
  const remote = startRemote<FragileApi>(beside, "no-such-worker", { what: "the thing" });
  await expect(remote.call("add", 1, 1)).rejects.toThrow(/thread died.*no-such/s);
});
