import { expect, test } from "vitest";
import type { ListedEntry } from "../../../queue/listing.ts";
import type { QueueWay } from "../../../queue/way.ts";
import { chooseWay } from "./choose.ts";
import { WayClosed } from "./closed.ts";

const wayOf = (name: string): QueueWay => ({ name, mta: "postfix", list: () => Promise.resolve(0) });
const [scan, showq, postqueue] = [wayOf("scan"), wayOf("showq"), wayOf("postqueue -j")];
const nothing = { unknown: [], unknownDropped: 0, vanished: [], ageless: [] };
const entry = { queueId: "A1", queue: "deferred", arrivalMs: 1, sizeBytes: 1, sender: "", recipients: [] };
const unknown = (more: Partial<ListedEntry> = {}) => ({ ...nothing, unknown: [{ ...entry, ...more, arrivalMs: 1 }] });

function choosing(withScan = true) {
  const world = { nowMs: 0, calm: true };
  const chooser = chooseWay({
    scan: withScan ? scan : null,
    full: [showq, postqueue],
    monotonicMs: () => world.nowMs,
    isCalm: () => Promise.resolve(world.calm),
  });
  return { world, chooser, name: async () => (await chooser.choose()).name };
}

test("files first, then once in full what the log did not tell of, with the next try that the file has", async () => {
  const { world, chooser, name } = choosing();
  expect(await name()).toBe("scan");
  expect(chooser.listed(scan, 0.2, unknown({ dueMs: 77 })).unknown).toEqual([]);
  expect(chooser.soon).toBe(true);
  expect(await name()).toBe("showq");
  expect(["A1", "A2"].map((id) => chooser.dueMs?.(id))).toEqual([77, undefined]);
  expect(chooser.listed(showq, 2, unknown()).unknown).toEqual([entry]);
  expect(chooser.restSeconds).toBe(98);
  expect(await name()).toBe("scan");
  chooser.listed(scan, 0.2, nothing);
  expect(chooser.soon).toBe(false);

  // New ones wait for the rest that is owed to the disk, counted once they have waited for a while.
  world.nowMs = 100_000;
  expect(chooser.listed(scan, 0.2, unknown()).unknownDropped).toBe(0);
  expect(await name()).toBe("scan");
  expect(chooser.listed(scan, 0.2, unknown()).unknownDropped).toBe(1);
  world.nowMs = 197_000;
  world.calm = false;
  expect(await name()).toBe("scan");
  world.calm = true;
  expect(await name()).toBe("showq");
  chooser.listed(showq, 2, nothing);

  // For the reasons, though nothing is new.
  world.nowMs += 599_000;
  expect(await name()).toBe("scan");
  chooser.listed(scan, 0.2, nothing);
  world.nowMs += 1_000;
  expect(await name()).toBe("showq");
  expect(chooser.says).toBe(
    "the queue's files are scanned (0.20 s), and what the log did not tell of is listed with showq (2.0 s); postqueue -j is not needed",
  );
});

test("a scan takes at most about 2 % of the time, half of it beside listings", async () => {
  const { chooser, name } = choosing();
  await name();
  chooser.listed(scan, 0.5, nothing);
  expect(chooser.restSeconds).toBe(49);
});

test("what is not permitted gives way to what is, said why, for an hour", async () => {
  const { world, chooser, name } = choosing();
  expect(await name()).toBe("scan");
  expect(chooser.failed?.(scan, new WayClosed("that needs root"))).toBe(true);
  expect(await name()).toBe("showq");
  expect(chooser.failed?.(showq, new WayClosed("that needs the group postdrop"))).toBe(true);
  expect(await name()).toBe("postqueue -j");
  expect(chooser.failed?.(postqueue, new Error("mail system is down"))).toBe(false);
  chooser.listed(postqueue, 1, nothing);
  expect(chooser.restSeconds).toBe(49);
  expect(chooser.says).toBe("listed with postqueue -j (1.0 s): that needs root; that needs the group postdrop");
  world.nowMs = 3_600_000;
  expect(await name()).toBe("showq");
  chooser.listed(showq, 1, nothing);
  expect(await name()).toBe("scan");
  expect(chooser.failed?.(scan, new Error("disk is gone"))).toBe(false);
});

test("without a log only a listing tells why mail waits", async () => {
  const { chooser, name } = choosing(false);
  expect(await name()).toBe("showq");
  chooser.listed(showq, 0.1, nothing);
  expect(await name()).toBe("showq");
  expect(chooser.says).toBe(
    "listed with showq (0.10 s): without a log only a listing says why mail waits; postqueue -j is not needed",
  );
});
