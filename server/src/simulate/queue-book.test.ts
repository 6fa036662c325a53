import { expect, test } from "vitest";
import type { Message } from "./message.ts";
import { createQueueBook } from "./queue-book.ts";

const minute = 60_000;
const message = (arrivalMs: number, more: Partial<Message> = {}): Message => ({
  queueId: String(arrivalMs),
  arrivalMs,
  sender: "a@b.example",
  recipients: ["c@d.example"],
  sizeBytes: 100,
  messageId: "m",
  client: null,
  hostile: false,
  next: "filter",
  unit: null,
  ownBounce: false,
  activeMs: arrivalMs,
  deferral: null,
  ...more,
});

test("a listing counts what is there, by queue, age and whose wait it is", () => {
  const book = createQueueBook("mx1");
  const gone = message(0);
  const retried = message(0, { deferral: { dueMs: 1, reason: "r", class: "other", own: false } });
  [
    gone,
    message(35 * minute),
    message(39.5 * minute),
    message(20 * minute, { ownBounce: true, sender: "" }),
    retried,
  ].forEach((one) => book.add(one));
  book.remove(gone);
  book.defer(retried);
  book.activate(retried);
  const dead = message(10 * minute, {
    deferral: { dueMs: 60 * minute, reason: "timed out", class: "connect-timeout", own: false },
  });
  book.add(dead);
  book.defer(dead);

  expect(book.countMail()).toBe(4);
  expect(book.document(40 * minute)).toMatchObject({
    at: "1970-01-01T00:40:00.000Z",
    queues: {
      // Aged 5, 0.5, 20 and 40 minutes: the upper edge belongs to its class.
      active: { count: 4, bytes: 400, oldestAgeSeconds: 2400, ageHistogram: [2, 0, 1, 1, 0, 0, 0, 0, 0, 0] },
      deferred: { count: 1, oldestAgeSeconds: 1800, ageHistogram: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0] },
    },
    waiting: {
      own: { count: 4, oldestAgeSeconds: 2400, oldestOwnWaitSeconds: 2400 },
      remote: { count: 1, oldestAgeSeconds: 1800, oldestOwnWaitSeconds: null },
      held: { count: 0, oldestAgeSeconds: null },
    },
    reasons: [{ class: "connect-timeout", count: 1, sample: "timed out" }],
    topDomains: [{ name: "d.example", count: 5 }],
    topSenders: [
      { name: "a@b.example", count: 4 },
      { name: "MAILER-DAEMON", count: 1 },
    ],
    recipients: 5,
  });
});

test("the heaviest are twenty, ties by name", () => {
  const book = createQueueBook("mx1");
  for (let index = 0; index < 60; index++)
    book.add(message(index, { sender: `s${String(index % 30).padStart(2, "0")}@x.example` }));
  book.add(message(0, { sender: "s29@x.example" }));
  const { topSenders } = book.document(minute) as { topSenders: { name: string }[] };
  expect(topSenders.map(({ name }) => name.slice(1, 3))).toEqual([
    "29",
    ...Array.from({ length: 19 }, (_, index) => String(index).padStart(2, "0")),
  ]);
});
