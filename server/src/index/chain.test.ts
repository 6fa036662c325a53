import { expect, test } from "vitest";
import { dayMs, Indexed } from "../../test/index/indexed.ts";
import { readModel, readModelInTime } from "../../test/hops/read-model.ts";

const clock = (second: number): string => new Date(dayMs + second * 1_000).toISOString();
const syslog = (second: number, text: string): string => `Nov 23 ${clock(second).slice(11, 19)} edge ${text}`;
const exim = (second: number, text: string): string => `${clock(second).slice(0, 19).replace("T", " ")} ${text}`;
const messages = Array.from({ length: 20 }, (_, i) => i);
const two = (n: number): string => String(n).padStart(2, "0");

/** Taken by the edge at 1 s, by the inner host at 2 s. */
const edge = messages.flatMap((n) => {
  const id = `4XsZQK2NKbz3q${two(n)}`;
  return [
    syslog(1, `postfix/smtpd[10]: ${id}: client=mail.shop.example[192.0.2.7]`),
    syslog(1, `postfix/cleanup[11]: ${id}: message-id=<${n}@shop.example>`),
    syslog(1, `postfix/qmgr[12]: ${id}: from=<anna@shop.example>, size=4821, nrcpt=1 (queue active)`),
    syslog(
      2,
      `postfix/smtp[13]: ${id}: to=<ben@own.example>, relay=inner.own.example[10.0.0.2]:25, delay=1, delays=0.1/0/0.2/0.7, dsn=2.0.0, status=sent (250 OK id=1xVaVW-0000${two(n)}-00)`,
    ),
    syslog(2, `postfix/qmgr[12]: ${id}: removed`),
  ];
});

/** There it goes through a filter on the host, which has it until 400 s, and, with `end`, into the mailbox at 500 s. */
const inner = (answer: (id: string) => string, end: boolean): string[] =>
  messages
    .flatMap((n) => {
      const [first, second] = [`1xVaVW-0000${two(n)}-00`, `1xVaVX-0000${two(n)}-00`];
      const letter = `S=4821 id=${n}@shop.example for ben@own.example`;
      return [
        exim(2, `${first} <= anna@shop.example H=edge.own.example [10.0.0.1]:4 P=esmtp ${letter}`),
        exim(400, `${second} <= anna@shop.example H=localhost [127.0.0.1]:5 P=scanned ${letter}`),
        exim(400, `${first} => ben@own.example R=scan T=scan_smtp H=127.0.0.1 [127.0.0.1]:10024 C="${answer(second)}"`),
        exim(400, `${first} Completed`),
        ...(end
          ? [
              exim(500, `${second} => ben <ben@own.example> R=localuser T=local_delivery`),
              exim(500, `${second} Completed`),
            ]
          : []),
      ];
    })
    .sort();

const answers = [
  ["its id", (id: string) => `250 OK id=${id}`],
  ["nothing but yes", () => "250 message accepted"],
] as const;

test.each(answers)(
  "Postfix to Exim to a filter that answers with %s, and back: one wait, over all of it",
  (_, answer) => {
    const logs = (end: boolean) => [
      { node: "edge", mta: "postfix", lines: edge },
      { node: "inner", mta: "exim", lines: inner(answer, end) },
    ];
    for (const read of [readModel, readModelInTime]) {
      const waiting = read(logs(false), dayMs + 450_000);
      expect(waiting.facts.totals).toMatchObject({ accepted: 20, waiting: 20, left: 0, overflow: 0 });
      expect(waiting.delay.headlineSeconds).toBe(449);
      expect(waiting.delay.directions.in?.headlineSeconds).toBe(449);
      const done = read(logs(true), dayMs + 501_000);
      expect(done.facts.totals).toMatchObject({ accepted: 20, waiting: 0, left: 20, unexplained: 0 });
      expect(done.delay.headlineSeconds).toBe(499);
    }
  },
);

test.each(answers)("the index has it as one message with three hops, answered with %s", (_, answer) => {
  const index = new Indexed().read([
    { node: "edge", mta: "postfix", lines: edge },
    { node: "inner", mta: "exim", lines: inner(answer, true) },
  ]);
  const { messages: found } = index.find("domain", "shop.example");
  expect(found).toHaveLength(20);
  for (const { hops, acceptedMs, leftMs } of found) {
    expect([hops.length, acceptedMs, leftMs]).toEqual([3, dayMs + 1_000, dayMs + 500_000]);
    expect(hops.map(({ node }) => node)).toEqual(["edge", "inner", "inner"]);
  }
});
