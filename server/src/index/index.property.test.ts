import { nodeId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { dayMs, Indexed } from "../../test/index/indexed.ts";
import type { MailEvent } from "../core/event.ts";
import type { LogObservation } from "../core/observation.ts";
import { Follower } from "./follower.ts";
import type { HopRecord } from "./record.ts";
import { allColumns, hopOf } from "./rows.ts";
import { domainOf } from "./text.ts";

/** What strangers may choose: names of an object's own, an address cut within a character, what no column holds. */
const addresses = [
  "a@own.example",
  "Ben@Own.example",
  "__proto__",
  "",
  "x\0y@own.example",
  `${"y".repeat(319)}😀@far.example`,
  "\ud800@far.example",
  "İ@far.example",
  `${"z".repeat(5_000)}@far.example`,
];
const ids = ["4A1B", "5C2D", "constructor", "6E\0F", `${"7".repeat(63)}😀`];

const address = fc.constantFrom(...addresses);
const queueId = fc.constantFrom(...ids);
const event: fc.Arbitrary<MailEvent> = fc.oneof(
  fc.record({ event: fc.constant("client" as const), process: fc.constant("postfix/smtpd"), queueId }),
  fc.record({
    event: fc.constant("queued" as const),
    process: fc.constant("postfix/cleanup"),
    queueId,
    messageId: address,
  }),
  fc.record({ event: fc.constant("message" as const), process: fc.constant("postfix/qmgr"), queueId, from: address }),
  fc.record(
    {
      event: fc.constant("delivery" as const),
      process: fc.constant("postfix/smtp"),
      queueId,
      to: address,
      status: fc.constantFrom("sent" as const, "deferred" as const),
      nextQueueId: queueId,
    },
    { requiredKeys: ["event", "process", "queueId", "to", "status"] },
  ),
  fc.record({
    event: fc.constant("other" as const),
    process: fc.constant("amavis"),
    queueId,
    action: fc.constant("passed"),
    nextQueueId: queueId,
  }),
  fc.record({ event: fc.constant("removed" as const), process: fc.constant("postfix/qmgr"), queueId }),
);
const line = fc.record({ node: fc.constantFrom("mx1", "mx2"), seconds: fc.integer({ min: 0, max: 30 }), event });
/** Turns, and starts of the program between them. */
const day = fc.array(fc.oneof({ weight: 6, arbitrary: fc.array(line, { maxLength: 8 }) }, fc.constant("restart")), {
  maxLength: 30,
});

function rowsOf({ engine }: Indexed): HopRecord[] {
  return engine
    .prepare(`SELECT ${allColumns.join(", ")} FROM hop`)
    .all()
    .map(hopOf);
}

test("whatever lines told, each queue file is found by all that is kept of it, and forgetting all leaves nothing", () => {
  fc.assert(
    fc.property(day, (turns) => {
      const index = new Indexed();
      let nowMs = dayMs;
      for (const turn of turns) {
        if (typeof turn === "string") {
          index.follower = new Follower(index.table);
          continue;
        }
        nowMs += 1_000;
        index.turn(
          turn.map(({ node, seconds, event: said }): LogObservation => {
            return { kind: "log", node: nodeId(node), atMs: nowMs + seconds * 1_000, event: said };
          }),
          nowMs,
        );
      }
      const all = rowsOf(index);
      for (const hop of all) {
        const isFound = (by: "queueId" | "messageId" | "address" | "domain", value: string): void => {
          if (value === "") return;
          const { messages } = index.find(by, value, { limit: 200 });
          const keys = messages.flatMap(({ hops }) =>
            hops.map((each) => `${each.node} ${each.queueId} ${each.arrivalMs}`),
          );
          expect(keys, `${by} ${JSON.stringify(value)}`).toContain(`${hop.node} ${hop.queueId} ${hop.arrivalMs}`);
        };
        isFound("queueId", hop.queueId);
        isFound("messageId", hop.messageId ?? "");
        for (const each of [hop.sender ?? "", ...hop.recipients.map((one) => one.address)]) {
          isFound("address", each);
          isFound("domain", domainOf(each));
        }
      }
      index.table.forget(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 1_000_000);
      expect(index.engine.prepare("SELECT count(*) FROM term").one()).toEqual([0]);
      expect(index.engine.prepare("SELECT count(*) FROM hop").one()).toEqual([0]);
      index.engine.close();
    }),
    { numRuns: 150 },
  );
});
