import { onTestFinished, expect, test } from "vitest";
import { dedupKey } from "../src/core/incident/incident.ts";
import type { Effect } from "../src/core/alert/signal.ts";
import { pagerDutyNotifier } from "../src/notify/pagerduty/notifier.ts";
import { NotifyPipeline, type PipelineOptions } from "../src/notify/pipeline.ts";
import { openStateStore } from "../src/store/embedded/state/open.ts";
import type { StateStore } from "../src/store/state.ts";
import { effectOf } from "./outbox.ts";
import { type PagerDutyDouble, startPagerDuty } from "./real/pagerduty.ts";
import { temporaryFolder, until } from "./real/process.ts";

async function world(): Promise<{ readonly path: string; readonly receiver: PagerDutyDouble }> {
  const folder = temporaryFolder("outbox");
  const receiver = await startPagerDuty();
  onTestFinished(async () => {
    await receiver.stop();
    folder.remove();
  });
  return { path: folder.path, receiver };
}

async function open(path: string): Promise<StateStore> {
  const store = await openStateStore({ folder: path });
  onTestFinished(() => store.close());
  return store;
}

function work(
  store: PipelineOptions["store"],
  receiver: PagerDutyDouble,
  more: Partial<PipelineOptions> = {},
): NotifyPipeline {
  const notifier = pagerDutyNotifier({
    id: "pd",
    channels: ["page", "ticket"],
    publicUrl: null,
    url: receiver.url,
    routingKey: { reveal: () => "0".repeat(32) },
  });
  const pipeline = new NotifyPipeline({ store, notifiers: [notifier], now: Date.now, everyMs: 0, pollMs: 10, ...more });
  onTestFinished(() => pipeline.stop());
  pipeline.start();
  return pipeline;
}

const commit = (store: StateStore, journalSeq: number, ...effects: readonly Effect[]) =>
  store.commit({
    journalSeq,
    nowMs: Date.now(),
    journal: new Uint8Array([1]),
    positions: new Map(),
    points: [],
    notifications: effects.map((effect) => ({ notifier: "pd", dedupKey: dedupKey(effect), effect })),
  });
const nothingWaits = (store: StateStore) =>
  until("the outbox is empty", async () => (await store.outboxSummary()).waiting === 0);

test("what one start sent and could not mark, the next sends again under the same key, and then the rest in order", async () => {
  const { path, receiver } = await world();
  const first = await open(path);
  await commit(first, 1, effectOf(), effectOf({ channel: "ticket", severity: "ticket" }));
  const unmarked = {
    dueNotifications: first.dueNotifications.bind(first),
    settleNotification: () => new Promise<void>(() => {}),
  };
  // Not stopped: it waits for its mark for ever, as a process that was killed at this point.
  const crashed = new NotifyPipeline({
    store: unmarked,
    notifiers: [
      pagerDutyNotifier({
        id: "pd",
        channels: ["page"],
        publicUrl: null,
        url: receiver.url,
        routingKey: { reveal: () => "0".repeat(32) },
      }),
    ],
    now: Date.now,
    everyMs: 0,
  });
  crashed.start();
  await until("both sent", () => receiver.accepted().length === 2);
  await first.close();

  const second = await open(path);
  await commit(second, 2, effectOf({ action: "acknowledge", seq: 2 }), effectOf({ action: "resolve", seq: 3 }));
  work(second, receiver);
  await nothingWaits(second);
  expect(receiver.accepted("i-1").map(({ effect }) => effect)).toEqual([
    "opened",
    "repeated",
    "acknowledged",
    "resolved",
  ]);
  expect(receiver.accepted("i-1/ticket").map(({ effect }) => effect)).toEqual(["opened", "repeated"]);
  expect(receiver.keys().toSorted()).toEqual(["i-1", "i-1/ticket"]);
});

test("failures wait in the store with their reason, refusals are counted and never come back", async () => {
  const { path, receiver } = await world();
  const store = await open(path);
  receiver.script({ answer: 500 }, { answer: 400, body: "no such service" });
  await commit(store, 1, effectOf());
  let aheadMs = 0;
  work(store, receiver, { now: () => Date.now() + aheadMs });
  await until("the failure is known", async () => (await store.outboxSummary()).lastError?.includes("500"));
  expect((await store.outboxSummary()).waiting).toBe(1);
  aheadMs = 60_000;
  await nothingWaits(store);
  const summary = await store.outboxSummary();
  expect(summary).toMatchObject({ refused: 1, lastError: expect.stringContaining("no such service") });
  expect(receiver.received).toHaveLength(2);
});
