import { expect, test } from "vitest";
import type { MailEvent } from "../core/event.ts";
import { attributionOf } from "./attribution.ts";

const deferred = { event: "delivery", status: "deferred", process: "postfix/smtp", relay: "none" } as const;
const far = { ...deferred, relay: "mx.far.example", relayIp: "192.0.2.1", relayPort: 25 } as const;
const refused = { event: "reject", process: "postfix/smtpd", reject: true, code: 450 } as const;

const cases: readonly (readonly [what: string, event: MailEvent, whose: string | undefined])[] = [
  ["sent: nothing waits", { ...far, status: "sent" }, undefined],
  ["a far side that refuses", { ...far, reason: "host mx.far.example[192.0.2.1] said: 450 4.3.2 try later" }, "remote"],
  [
    "whose own disk is full",
    { ...far, reason: "host mx[192.0.2.1] said: 452 4.3.1 Insufficient system storage" },
    "remote",
  ],
  [
    "whose own look-up fails",
    { ...far, reason: "host mx[192.0.2.1] said: 451 4.3.0 Temporary lookup failure" },
    "remote",
  ],
  ["our look-up", { ...deferred, reason: "alias database unavailable" }, "own"],
  [
    "our disk",
    {
      ...deferred,
      process: "postfix/virtual",
      relay: "virtual",
      reason: "create maildir file: No space left on device",
    },
    "own",
  ],
  [
    "our filter",
    { ...far, relay: "127.0.0.1", relayIp: "127.0.0.1", reason: "host 127.0.0.1[127.0.0.1] said: 451 4.3.0 busy" },
    "own",
  ],
  ["a full mailbox", { ...far, dsn: "4.2.2", reason: "host mx[192.0.2.1] said: 452 4.2.2 Mailbox full" }, "recipient"],
  ["greylisted by us", { ...refused, reason: "<a@b>: Recipient address rejected: Greylisted" }, "policy"],
  [
    "tested by postscreen",
    { ...refused, process: "postfix/postscreen", dsn: "4.3.2", reason: "Service currently unavailable" },
    "policy",
  ],
  [
    "refused because our look-up failed",
    { ...refused, code: 451, dsn: "4.3.0", reason: "<a@b>: Temporary lookup failure" },
    "own",
  ],
  [
    "refused because the far side did not say whether the address is good",
    {
      ...refused,
      reason:
        "<a@b>: Recipient address rejected: unverified address: connect to mx.far.example[192.0.2.1]:25: Connection timed out",
    },
    "remote",
  ],
  [
    "refused until the address is verified",
    {
      ...refused,
      reason: "<a@b>: Sender address rejected: unverified address: Address verification in progress",
    },
    "policy",
  ],
  [
    "refused because our milter is away",
    { ...refused, action: "milter-reject", code: 451, dsn: "4.7.1", reason: "Service unavailable - try again later" },
    "own",
  ],
  [
    "refused because our milter says so",
    { ...refused, action: "milter-reject", code: 451, dsn: "4.7.1", reason: "Try again later" },
    "policy",
  ],
  ["refused for good: nothing waits", { ...refused, code: 554, reason: "Relay access denied" }, undefined],
  ["on hold", { event: "other", action: "hold" }, "held"],
  ["frozen", { event: "other", action: "frozen" }, "held"],
];

test.each(cases)("%s", (_what, event, whose) => expect(attributionOf(event)).toBe(whose));
