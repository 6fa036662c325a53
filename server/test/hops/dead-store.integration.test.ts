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
    settings: {
      transport_maps: `inline:{own.test=lmtp:inet:127.0.0.1:${await freePort()}}`,
      // The first failure is enough to let the store rest.
      initial_destination_concurrency: "1",
    },
  });
});
afterAll(() => postfix?.stop());

const lines = (): string[] => readFileSync(postfix.logPath, "utf8").split("\n").slice(0, -1);
const deferred = (agent: string): number =>
  lines().filter((line) => line.includes(`postfix/${agent}[`) && line.includes("status=deferred")).length;

const send = (from: number, to: number): Promise<number> =>
  sendMail(
    Array.from({ length: to - from }, (_, n) => ({
      clientIp: addressOf(from + n),
      from: `s${from + n}@sender.test`,
      to: `r${from + n}@own.test`,
    })),
    { port: postfix.smtpPort, by: "xclient" },
  );

test("mail for a store that is away waits on us, also what Postfix does not try any more", async () => {
  const count = 20;
  expect(await send(0, 1)).toBe(1);
  await until("lmtp(8) to say that the store is away", () => deferred("lmtp") === 1);
  expect(await send(1, count)).toBe(count - 1);
  await until("error(8) to say it of the others", () => deferred("error") === count - 1);

  const log = { node: "mx1", mta: "postfix", lines: lines(), here: true };
  // The store's address is nobody's that is named: by its transport alone it is known as ours.
  const { waiting } = readModelInTime([log], Date.now() + 1_000, ["transport:lmtp"]).queues;
  expect([waiting.own.count, waiting.remote.count]).toEqual([count, 0]);
});
