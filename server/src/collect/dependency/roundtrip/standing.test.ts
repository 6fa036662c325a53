import { expect, test } from "vitest";
import { standingOf } from "./standing.ts";
import { UnderWay } from "./under-way.ts";

const second = 1000;
const trouble = { sinceMs: 100 * second, words: "connection refused while connecting" };
const words = "the mailbox cannot be read: connection refused while connecting";

function underWay(): UnderWay {
  const out = new UnderWay({ lateSeconds: 300, most: 10 });
  out.begin("a", "d", 0);
  out.taken("a", 0, null);
  return out;
}

test("a mailbox that cannot be read fails the way; while a mail is out, its wait goes on", () => {
  const out = underWay();
  expect(standingOf(out, null, 60 * second)).toMatchObject({ ok: true, latencySeconds: 60 });
  expect(standingOf(out, trouble, 160 * second)).toEqual({
    ok: false,
    latencySeconds: 160,
    error: words,
    details: { probesOut: 1, waitingSeconds: 160, unreadable: true },
  });
});

test("with nothing out it is the trouble that lasts, before the first mail too", () => {
  const out = underWay();
  out.cameBack("a", 2 * second);
  const expected = { ok: false, latencySeconds: 30, error: words, details: { unreadable: true } };
  expect(standingOf(out, trouble, 130 * second)).toMatchObject(expected);
  expect(standingOf(new UnderWay({ lateSeconds: 300, most: 10 }), trouble, 130 * second)).toMatchObject(expected);
});

test("mail that is not even taken comes first", () => {
  const out = underWay();
  out.refused("b", 110 * second, { words: "refused at RCPT TO: 550 no", seconds: 1, unsure: false });
  const standing = standingOf(out, trouble, 120 * second);
  expect(standing?.error).toBe(`refused at RCPT TO: 550 no; and ${words}`);
  expect(standing?.details).toMatchObject({ refused: true });
});
