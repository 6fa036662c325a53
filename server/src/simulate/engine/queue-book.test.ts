import { expect, test } from "vitest";
import type { QueueFile } from "./message.ts";
import { createQueueBook } from "./queue-book.ts";
import { newFile } from "./queue-manager.ts";

const minute = 60_000;
const file = (arrivalMs: number, more: Partial<QueueFile> = {}): QueueFile => ({
  ...newFile(
    {
      queueId: String(arrivalMs),
      arrivalMs,
      sender: "a@b.example",
      sizeBytes: 100,
      messageId: "m",
      client: null,
      hostile: false,
      next: "filter",
      ownBounce: false,
      portions: [{ domain: "d.example", recipients: ["c@d.example"], unit: null, failed: null }],
    },
    arrivalMs,
  ),
  ...more,
});

test("a listing counts what is there, by queue, age and whose wait it is", () => {
  const book = createQueueBook("mx1", 5 * minute);
  const gone = file(0);
  const retried = file(0, { deferral: { dueMs: 1, reason: "r", reasonClass: "other", whose: "own" } });
  const active = [file(35 * minute), file(39.5 * minute), file(20 * minute, { ownBounce: true, sender: "" }), retried];
  for (const one of [gone, ...active]) {
    book.add(one);
    book.move(one, "active");
  }
  book.remove(gone);
  const fresh = file(39 * minute);
  book.add(fresh);
  const late = { dueMs: 60 * minute, reason: "timed out", reasonClass: "connect-timeout" } as const;
  const full = { dueMs: 60 * minute, reason: "full", reasonClass: "mailbox-full", whose: "recipient" } as const;
  for (const one of [
    file(10 * minute, { deferral: { ...late, whose: "remote" } }),
    file(11 * minute, { deferral: { ...late, whose: "remote", dueMs: 12 * minute } }),
    file(12 * minute, { deferral: full }),
  ]) {
    book.add(one);
    book.move(one, "deferred");
  }

  expect(book.units).toBe(7);
  expect(book.document(40 * minute)).toMatchObject({
    at: "1970-01-01T00:40:00.000Z",
    queues: {
      incoming: { count: 1, oldestAgeSeconds: 60, ageHistogram: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      // Aged 5, 0.5, 20 and 40 minutes: the upper edge belongs to its class.
      active: { count: 4, bytes: 400, oldestAgeSeconds: 2400, ageHistogram: [2, 0, 1, 1, 0, 0, 0, 0, 0, 0] },
      deferred: { count: 3, oldestAgeSeconds: 1800, ageHistogram: [0, 0, 0, 3, 0, 0, 0, 0, 0, 0] },
    },
    waiting: {
      // The second deferred one is past due by more than a queue run.
      own: { count: 6, oldestAgeSeconds: 2400, oldestOwnWaitSeconds: 2400 },
      remote: { count: 1, oldestAgeSeconds: 1800, oldestOwnWaitSeconds: null },
      recipient: { count: 1 },
      held: { count: 0, oldestAgeSeconds: null },
    },
    reasons: [
      { class: "connect-timeout", count: 2, sample: "timed out" },
      { class: "mailbox-full", count: 1, sample: "full" },
    ],
    topDomains: [{ name: "d.example", count: 8 }],
    topSenders: [
      { name: "a@b.example", count: 7 },
      { name: "MAILER-DAEMON", count: 1 },
    ],
    recipients: 8,
  });
});

test("a portion that is gone is counted no more", () => {
  const book = createQueueBook("mx1", 5 * minute);
  const portions = ["a.example", "b.example"].map((domain) => ({
    domain,
    recipients: [`x@${domain}`, `y@${domain}`],
    unit: null,
    failed: null,
  }));
  const one = file(0, { portions });
  book.add(one);
  expect(book.document(minute)).toMatchObject({ recipients: 4 });
  const [first] = portions;
  if (first !== undefined) book.done(one, first);
  expect(book.units).toBe(1);
  expect(book.document(minute)).toMatchObject({ recipients: 2, topDomains: [{ name: "b.example", count: 1 }] });
  book.remove(one);
  expect(book.units).toBe(0);
});

test("the heaviest are twenty, ties by name", () => {
  const book = createQueueBook("mx1", 5 * minute);
  for (let index = 0; index < 60; index++)
    book.add(file(index, { sender: `s${String(index % 30).padStart(2, "0")}@x.example` }));
  book.add(file(0, { sender: "s29@x.example" }));
  const { topSenders } = book.document(minute) as { topSenders: { name: string }[] };
  expect(topSenders.map(({ name }) => name.slice(1, 3))).toEqual([
    "29",
    ...Array.from({ length: 19 }, (_, index) => String(index).padStart(2, "0")),
  ]);
});
