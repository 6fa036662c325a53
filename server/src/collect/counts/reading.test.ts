import { expect, test } from "vitest";
import { mappingConfig, nameOf, rowsOf } from "./mapping.ts";
import { Rate } from "./rates.ts";
import { ReadingBuilder } from "./reading.ts";

const read = (mapping: unknown, ...samples: [name: string, value: number, labels?: Record<string, string>][]) => {
  const builder = new ReadingBuilder(rowsOf(mappingConfig.parse(mapping)));
  for (const [name, value, labels = {}] of samples)
    if (builder.wants(name)) builder.add({ name, value, labels: new Map(Object.entries(labels)) });
  return builder.finish();
};

const problem = (given: unknown): string => mappingConfig.safeParse(given).error?.message ?? "";

const of = (queue: string) => ({ queue });
const service = (name: string) => ({ service: name });

test("a histogram of ages: how many, and that the oldest is older than the last edge that not all are below", () => {
  const { queues, down } = read(
    "postfix-exporter",
    ["postfix_up", 1, { path: "/showq" }],
    ["postfix_showq_message_age_seconds_bucket", 2, { ...of("deferred"), le: "100" }],
    ["postfix_showq_message_age_seconds_bucket", 9, { ...of("deferred"), le: "1000" }],
    ["postfix_showq_message_age_seconds_bucket", 10, { ...of("deferred"), le: "10000" }],
    ["postfix_showq_message_age_seconds_bucket", 10, { ...of("deferred"), le: "+Inf" }],
    ["postfix_showq_message_age_seconds_sum", 6_000, of("deferred")],
    ["postfix_showq_message_age_seconds_count", 10, of("deferred")],
    ["postfix_showq_message_age_seconds_count", 0, of("hold")],
    ["postfix_showq_message_size_bytes_sum", 7_392, of("deferred")],
  );
  expect(down).toBeNull();
  expect(queues).toEqual({
    deferred: { count: 10, bytes: 7_392, oldestAgeSeconds: 1_000, ageIsAtLeast: true },
    hold: { count: 0, bytes: null, oldestAgeSeconds: null },
  });
});

test("whoever counts and could not look is not believed; a number that is none is not counted", () => {
  expect(read("postfix-exporter", ["postfix_up", 0]).down).toBe("postfix_up");
  expect(read("exim-exporter", ["exim_queue", -1], ["exim_queue_frozen", Number.NaN])).toMatchObject({
    queues: {},
    matched: 2,
  });
});

test("queues are disjoint: Exim's frozen ones are taken off", () => {
  const { queues, arrived } = read(
    "exim-exporter",
    ["exim_queue", 120],
    ["exim_queue_frozen", 20],
    ["exim_messages_total", 7, { flag: "arrived" }],
    ["exim_messages_total", 5, { flag: "delivered" }],
  );
  expect(queues).toMatchObject({ queue: { count: 100 }, frozen: { count: 20 } });
  expect(arrived).toBe(7);
});

test("KumoMTA's idle queues vanish: that it is there is enough, and nothing is zero", () => {
  expect(read("kumomta", ["message_count", 0])).toMatchObject({ matched: 1, queues: {} });
  const { queues } = read(
    "kumomta",
    ["scheduled_count", 3, { queue: "a.test" }],
    ["scheduled_count", 4, { queue: "b.test" }],
  );
  expect(queues).toEqual({ scheduled: { count: 7, bytes: null, oldestAgeSeconds: null } });
});

test("what KumoMTA counts by protocol and again by queue is counted once; what bounces has left", () => {
  const { queues, arrived, left } = read(
    "kumomta",
    ["ready_count", 5, service("smtp_client")],
    ["ready_count", 3, service("smtp_client:source->(mx1|mx2).far.test@smtp_client")],
    ["ready_count", 2, service("smtp_client:source->mx.near.test@smtp_client")],
    ["ready_count", 1, service("lua")],
    ["ready_count", 1, service("lua:source->make.hook@lua:make.hook")],
    ["total_messages_received", 9, service("esmtp_listener")],
    ["total_messages_received", 9, service("esmtp_listener:0.0.0.0:25")],
    ["total_messages_received", 4, service("http_listener")],
    ["total_messages_delivered", 6, service("smtp_client")],
    ["total_messages_fail", 1, service("smtp_client")],
    ["total_messages_transfail", 8, service("smtp_client")],
  );
  expect([queues, arrived, left]).toEqual([{ ready: { count: 6, bytes: null, oldestAgeSeconds: null } }, 13, 7]);
});

test("a mapping of one's own, by labels, and at most 64 queues", () => {
  const mine = [{ metric: "q", labels: { state: "wait" }, as: "count", queue: "{vhost}/{name}" }];
  const many = Array.from({ length: 90 }, (_, at) => ["q", 1, { state: "wait", vhost: "v", name: `${at}` }] as const);
  const { queues } = read(
    mine,
    ["q", 5, { state: "done", vhost: "v", name: "x" }],
    ...many.map((each) => [...each] as never),
  );
  expect(Object.keys(queues)).toHaveLength(64);
  expect(queues["v/0"]).toMatchObject({ count: 1 });
  expect(problem([{ metric: "q", as: "count" }])).toMatch(/of which queue/);
  expect(problem("postfix-exportr")).toMatch(/postfix-exporter/);
  expect(nameOf(mappingConfig.parse("rspamd"))).toBe("rspamd");
});

test("a counter becomes a rate, also over a restart of whoever counts", () => {
  const rate = new Rate();
  expect(rate.next(100, 0)).toBeUndefined();
  expect(rate.next(160, 30_000)).toBe(2);
  expect(rate.next(30, 60_000)).toBe(1);
  expect(rate.next(undefined, 90_000)).toBeUndefined();
  expect(rate.next(30, 120_000)).toBe(0);
});

test("figures without measure stay numbers, and a histogram without end costs no more than one with many classes", () => {
  const huge = 1.7e308;
  const age = "postfix_showq_message_age_seconds";
  const builder = new ReadingBuilder(rowsOf(mappingConfig.parse("postfix-exporter")));
  const samples: [name: string, value: number, labels?: Record<string, string>][] = [
    ["postfix_cleanup_messages_processed_total", huge],
    ["postfix_cleanup_messages_processed_total", 2 ** 52],
    ["postfix_cleanup_messages_processed_total", 2 ** 52],
    [`${age}_count`, huge, of("hold")],
    ["postfix_showq_message_size_bytes_sum", 2 ** 53 - 1, of("active")],
    ["postfix_showq_message_size_bytes_sum", 2 ** 53 - 1, of("active")],
    [`${age}_count`, 5, of("active")],
    ...Array.from({ length: 300_000 }, () => [`${age}_bucket`, 1, { queue: "active", le: "1e300" }] as never),
  ];
  for (const [name, value, labels = {}] of samples)
    builder.add({ name, value, labels: new Map(Object.entries(labels)) });
  const { queues, arrived } = builder.finish();
  expect(arrived).toBe(Number.MAX_SAFE_INTEGER);
  expect(queues).toEqual({
    active: { count: 5, bytes: Number.MAX_SAFE_INTEGER, oldestAgeSeconds: 1e10, ageIsAtLeast: true },
  });
});
