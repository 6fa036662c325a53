import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPostfix, startPostfix } from "../real/postfix.ts";
import { freePort, until } from "../real/process.ts";
import { addressOf, sendMail } from "../real/smtp-load.ts";
import { readModelInTime } from "./read-model.ts";

let postfix: RunningPostfix;
beforeAll(async () => {
  postfix = await startPostfix({
    routes: { "own.test": 0 },
    settings: { transport_maps: `inline:{own.test=lmtp:inet:127.0.0.1:${await freePort()}}` },
  });
});
afterAll(() => postfix?.stop());

test("mail for a store that is away waits on us, also what Postfix does not try any more", async () => {
  const count = 20;
  const sessions = Array.from({ length: count }, (_, n) => ({
    clientIp: addressOf(n),
    from: `s${n}@sender.test`,
    to: `r${n}@own.test`,
  }));
  expect(await sendMail(sessions, { port: postfix.smtpPort, by: "xclient", parallel: 2 })).toBe(count);
  const lines = (): string[] => readFileSync(postfix.logPath, "utf8").split("\n").slice(0, -1);
  const deferred = await until("each to be deferred", () => {
    const found = lines().filter((line) => line.includes("status=deferred"));
    return found.length >= count && found;
  });
  // Postfix gives up on the host after a few; of the others error(8) speaks.
  expect(deferred.filter((line) => line.includes("postfix/error[")).length).toBeGreaterThan(0);
  expect(deferred.filter((line) => line.includes("postfix/lmtp[")).length).toBeGreaterThan(0);

  const log = { node: "mx1", mta: "postfix", lines: lines(), here: true };
  // The store's address is nobody's that is named: by its transport alone it is known as ours.
  const { waiting } = readModelInTime([log], Date.now() + 1_000, ["transport:lmtp"]).queues;
  expect([waiting.own.count, waiting.remote.count]).toEqual([count, 0]);
});
